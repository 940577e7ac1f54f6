// A list of countries beside a phone number: with it the number may be typed as at home, and is sent in E.164. Without this script it
// is typed with its country code.

// Calling codes with their countries, the largest first of those that share one (ITU-T E.164).
const CODES = `1USAGAIASBBBMBSCADMDOGDGUJMKNKYLCMPMSPRSXTCTTVCVGVI 7RUKZ 20EG 27ZA 30GR 31NL 32BE 33FR 34ES 36HU 39ITVA 40RO 41CH
43AT 44GBGGIMJE 45DK 46SE 47NOSJ 48PL 49DE 51PE 52MX 53CU 54AR 55BR 56CL 57CO 58VE 60MY 61AUCCCX 62ID 63PH 64NZ 65SG 66TH 81JP 82KR
84VN 86CN 90TR 91IN 92PK 93AF 94LK 95MM 98IR 211SS 212MAEH 213DZ 216TN 218LY 220GM 221SN 222MR 223ML 224GN 225CI 226BF 227NE 228TG
229BJ 230MU 231LR 232SL 233GH 234NG 235TD 236CF 237CM 238CV 239ST 240GQ 241GA 242CG 243CD 244AO 245GW 246IO 247AC 248SC 249SD 250RW
251ET 252SO 253DJ 254KE 255TZ 256UG 257BI 258MZ 260ZM 261MG 262REYT 263ZW 264NA 265MW 266LS 267BW 268SZ 269KM 290SHTA 291ER 297AW
298FO 299GL 350GI 351PT 352LU 353IE 354IS 355AL 356MT 357CY 358FIAX 359BG 370LT 371LV 372EE 373MD 374AM 375BY 376AD 377MC 378SM 380UA
381RS 382ME 383XK 385HR 386SI 387BA 389MK 420CZ 421SK 423LI 500FK 501BZ 502GT 503SV 504HN 505NI 506CR 507PA 508PM 509HT 590GPBLMF
591BO 592GY 593EC 594GF 595PY 596MQ 597SR 598UY 599CWBQ 670TL 672NF 673BN 674NR 675PG 676TO 677SB 678VU 679FJ 680PW 681WF 682CK 683NU
685WS 686KI 687NC 688TV 689PF 690TK 691FM 692MH 850KP 852HK 853MO 855KH 856LA 880BD 886TW 960MV 961LB 962JO 963SY 964IQ 965KW 966SA
967YE 968OM 970PS 971AE 972IL 973BH 974QA 975BT 976MN 977NP 992TJ 993TM 994AZ 995GE 996KG 998UZ`;
// What is dialled before a number at home and not from abroad, by its calling code, where it is no 0: with how many digits all are
// dialled then, where the number may begin with the same; and the countries whose numbers begin with a 0 themselves.
const TRUNKS = { 1: ["1", 11], 7: ["8", 11], 36: ["06"], 370: ["8", 9], 375: ["80", 11], 993: ["8", 9] };
const WITH_ZERO = ["IT", "VA", "SM", "CI", "CG", "BJ", "BF"];
// What is dialled before a country code, where it is no 00.
const ABROAD = { 1: "011", 61: "0011", 81: "010" };
// Where most readers of a language are, if their browser does not say where they are.
const HOMES = { ar: "SA", de: "DE", en: "US", es: "ES", fr: "FR", id: "ID", it: "IT", ja: "JP", ko: "KR", pt: "BR", zh: "CN" };

const countries = CODES.split(/\s/).flatMap((entry) => {
  const [, code, regions] = entry.match(/^(\d+)(\w+)$/);
  return regions.match(/../g).map((region) => ({ code, region }));
});
const language = document.documentElement.lang;
const names = new Intl.DisplayNames([language], { type: "region", fallback: "code" });
const flag = (region) => String.fromCodePoint(...[...region].map((letter) => 0x1f1a5 + letter.charCodeAt(0)));
for (const country of countries) country.name = names.of(country.region);
countries.sort((one, other) => one.name.localeCompare(other.name, language));

/** The country that a whole number begins with. */
function countryOf(number) {
  const digits = number.replace(/\D/g, "");
  for (let length = 3; length > 0; length--) {
    const [, region] = CODES.match(new RegExp(`(?:^|\\s)${digits.slice(0, length)}([A-Z]{2})`)) ?? [];
    if (digits.length >= length && region) return region;
  }
}

/** Where somebody most likely is. */
function guess() {
  const tags = [...navigator.languages, language].map((tag) => new Intl.Locale(tag));
  const known = (region) => countries.some((country) => country.region === region);
  return tags.map((tag) => tag.region).find(known) ?? HOMES[new Intl.Locale(language).language] ?? "US";
}

/** What is dialled, in western digits. */
function dialled(typed) {
  const western = typed.normalize("NFKC").replace(/[\u0660-\u0669\u06f0-\u06f9]/g, (digit) => digit.charCodeAt(0) & 0xf);
  return western.replace(/[^\d+]/g, "");
}

/** A number as the whole world dials it. */
function international(typed, { code, region }) {
  // A name, after all.
  if (/[\p{L}@]/u.test(typed)) return typed;
  let digits = dialled(typed);
  const abroad = [ABROAD[code], "00"].find((prefix) => prefix && digits.startsWith(prefix));
  if (!digits || digits.startsWith("+") || abroad) {
    // A zero in brackets is dialled at home alone.
    digits = dialled(typed.replace("(0)", ""));
    return abroad ? `+${digits.slice(abroad.length)}` : digits;
  }
  const [trunk, length] = TRUNKS[code] ?? [];
  if (trunk && digits.startsWith(trunk) && digits.length === (length ?? digits.length)) {
    digits = digits.slice(trunk.length);
  } else if (digits.startsWith("0") && !WITH_ZERO.includes(region)) {
    digits = digits.slice(1);
  }
  // Mobiles of Argentina have 15 behind the area code at home, and 9 before it from abroad.
  if (region === "AR" && digits.length === 12) digits = digits.replace(/^(\d{2,4}?)15/, "9$1");
  return `+${code}${digits}`;
}

for (const field of document.querySelectorAll("input[data-country]")) {
  const list = document.createElement("select");
  list.setAttribute("aria-label", field.dataset.country);
  list.setAttribute("autocomplete", "off");
  for (const { code, region, name } of countries) list.add(new Option(`${flag(region)} +${code} ${name}`, region));
  list.value = countryOf(field.value) ?? guess();
  field.before(list);
  field.addEventListener("input", () => {
    if (/^\s*\+/.test(field.value)) list.value = countryOf(field.value) ?? list.value;
  });
  // A number that is whole is one of the country that is chosen for it.
  list.addEventListener("change", () => {
    const { code } = countries.find(({ region }) => region === countryOf(field.value)) ?? {};
    if (code && /^\s*\+/.test(field.value)) field.value = dialled(field.value).slice(1 + code.length);
  });
  field.form.addEventListener("submit", () => {
    field.value = international(field.value, countries.find(({ region }) => region === list.value));
  }, { capture: true });
}
