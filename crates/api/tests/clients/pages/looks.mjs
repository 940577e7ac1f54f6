// A tenant's own looks and terms.

import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";

import { createPool, home, idp, language, look, text, verified, visit, visitor } from "../browsing.mjs";

{
  const dressed = await createPool(verified);
  const style = { UserPoolId: dressed.id, ClientId: dressed.client };
  const svg = (fill) => Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 160 40" width="160" height="40"><rect width="160" height="40" rx="8" fill="${fill}"/></svg>`,
  );
  const image = (Category, ColorMode, fill) => ({ Category, ColorMode, Extension: "SVG", Bytes: svg(fill) });
  const bar = { lightMode: { background: { color: "fff4ccff" } }, logo: { enabled: true, location: "START" } };
  const Settings = {
    categories: {
      form: { location: { horizontal: "END", vertical: "CENTER" }, languageSelector: { enabled: true } },
      global: { pageHeader: { enabled: true }, pageFooter: { enabled: true }, spacingDensity: "COMPACT" },
    },
    componentClasses: { buttons: { borderRadius: 24 }, input: { borderRadius: 2 } },
    components: {
      pageHeader: bar,
      pageFooter: { ...bar, logo: { enabled: false, location: "CENTER" } },
      pageBackground: { lightMode: { color: "fffaf0ff" } },
      form: {
        borderRadius: 16,
        logo: { enabled: true, location: "CENTER", position: "TOP", formInclusion: "IN" },
        lightMode: { backgroundColor: "ffffffff", borderColor: "f0d98aff" },
        darkMode: { backgroundColor: "1d2025ff", borderColor: "343a42ff" },
      },
      // Too weak for the white text on it, and for a heading: the pages darken it until both can be read.
      primaryButton: { lightMode: { defaults: { backgroundColor: "f2b705ff", textColor: "ffffffff" } } },
      pageText: { lightMode: { headingColor: "f2b705ff" } },
    },
  };
  const Assets = [
    image("PAGE_HEADER_LOGO", "DYNAMIC", "#f2b705"),
    image("FORM_LOGO", "LIGHT", "#8a6a00"),
    image("FORM_LOGO", "DARK", "#ffd966"),
    image("FAVICON_SVG", "DYNAMIC", "#f2b705"),
  ];
  await idp.createManagedLoginBranding({ ...style, Settings, Assets });
  const Links = { "cognito:default": `${home}/terms`, "cognito:german": `${home}/agb` };
  for (const TermsName of ["terms-of-use", "privacy-policy"]) {
    await idp.createTerms({ ...style, TermsName, TermsSource: "LINK", Enforcement: "NONE", Links });
  }
  const page = await visitor();
  await visit(page, dressed);
  const shown = await page.$$eval(".logo img, .bar img", (images) => images.map((it) => it.naturalWidth));
  assert.deepEqual(shown, [160, 160]);
  const button = await page.$eval(".primary", (it) => getComputedStyle(it).borderRadius);
  assert.equal(button, "24px");
  await look(page, "look-sign-in");
  await visit(page, dressed, { lang: "de" }, "signup");
  assert.match(await text(page), /stimmst du diesen Dokumenten zu: Nutzungsbedingungen und Datenschutzerklärung\./);
  assert.equal(await page.$eval(".terms a", (link) => link.href), `${home}/agb`);
  await look(page, "look-sign-up");

  await idp.deleteManagedLoginBranding({
    UserPoolId: dressed.id,
    ManagedLoginBrandingId: (await idp.describeManagedLoginBrandingByClient(style)).ManagedLoginBranding
      .ManagedLoginBrandingId,
  });
  const CSS = ".submitButton-customizable { background-color: #7a1f5c; } .label-customizable { font-weight: 400; }";
  await idp.setUICustomization({ UserPoolId: dressed.id, ClientId: "ALL", CSS });
  await sleep(1000);
  await visit(page, dressed, { lang: language });
  const classic = await page.evaluate(() =>
    [".primary", "label"].map((it) => getComputedStyle(document.querySelector(it))).map((it) => [it.backgroundColor, it.fontWeight]),
  );
  assert.deepEqual([classic[0][0], classic[1][1]], ["rgb(122, 31, 92)", "400"]);
  await look(page, "look-classic");
}
console.log("  a tenant's pages have the tenant's looks, and name their terms");
