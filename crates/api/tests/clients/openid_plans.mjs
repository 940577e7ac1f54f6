// The OpenID Foundation's test plans for a provider's Config, Basic, Implicit and RP-Initiated Logout profiles, played by our own
// means: each module sends what the plan's sends and demands what it demands. What the plan fails over is a FAIL here, what it
// warns of a WARN. Clients are registered beforehand, as the plans have it with `static_client`; run.sh calls this.
//
//   openid_plans.mjs URL    URL of a server in development mode

import { createHash, createHmac, createPublicKey } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

import {
  answer,
  asked,
  authorize,
  Browser,
  callback,
  claimsOf,
  discovered,
  discoveryUrl,
  encoded,
  end,
  entropy,
  exchange,
  Findings,
  first,
  flow,
  goodbye,
  half,
  invalidGrant,
  isJson,
  keys,
  now,
  random,
  refused,
  request,
  returned,
  second,
  server,
  shown,
  Skip,
  stays,
  Stop,
  text,
  token,
  url,
  userinfo,
  words,
} from "./relying_party.mjs";

// The modules.

const withMore = (more) => async (t, type) => void (await flow(t, type, { more }));

/** With another client authentication than the rest, which is what `isPost` says. */
async function serves(t, type, isPost) {
  const method = isPost ? "client_secret_post" : "client_secret_basic";
  t.must(server.token_endpoint_auth_methods_supported?.includes(method) ?? !isPost, `${method} is not published`);
  return flow(t, type, { isPost });
}

async function happy(t, type) {
  t.need(["authorization_endpoint", "token_endpoint", "issuer", "jwks_uri"].every((name) => server[name]), "lacks an endpoint");
  keysAreFit(t);
  const kids = keys.map(({ kid }) => kid);
  t.must(kids.every(Boolean) && new Set(kids).size === kids.length, "the keys' kids are not distinct");
  const { parameters, said, tokens, claims } = await serves(t, type);
  if (said.code) {
    t.must(said.code.length >= 16 && entropy(said.code) > 96, "the code can be guessed");
    t.should(tokens.expires_in !== undefined, "expires_in is missing");
  }
  if (type === "id_token token") t.must(claims.at_hash, "at_hash is missing");
  if (claims.at_hash && tokens.access_token) t.must(claims.at_hash === half(tokens.access_token), "at_hash is of something else");
  if (claims.c_hash && said.code) t.must(claims.c_hash === half(said.code), "c_hash is of something else");
  t.should(!("name" in claims), "the ID token has a name");
  const usual = words("iss sub aud exp iat auth_time nonce acr amr azp at_hash c_hash nbf jti sid s_hash txn");
  const uninvited = Object.keys(claims).filter((name) => ![...usual, ...claimsOf(parameters.scope)].includes(name));
  t.should(uninvited.length === 0, `the ID token has more than was asked for: ${uninvited.join(" ")}`);
}

const shows = (how) => async (t, type) => void (await shown(t, await flow(t, type), how));

const scoped = (scope) => async (t, type) => {
  if (!words(scope).every((name) => server.scopes_supported?.includes(name))) throw new Skip(`${scope} is not published`);
  const run = await flow(t, type, { more: { scope } });
  const said = await returned(t, run);
  if (!scope.includes("profile") && scope.includes("email")) {
    t.should(!("name" in run.claims) && !("name" in said), "a name is told that only profile stands for");
    if (run.tokens.access_token) t.should(!("email" in run.claims), "the ID token has an address that userinfo was to have");
  }
};

async function typeMissing(t) {
  const parameters = request(null);
  const sent = await authorize(new Browser(), parameters);
  if (sent.location) refused(t, sent, parameters, ["invalid_request", "unsupported_response_type"]);
  else stays(t, sent);
}

async function nonceMissing(t, type) {
  const parameters = request(type, { nonce: null });
  const sent = await authorize(new Browser(), parameters);
  if (sent.location) refused(t, sent, parameters, ["invalid_request"]);
  else stays(t, sent);
}

async function silent(t, type, browser, more) {
  const parameters = request(type, { prompt: "none", state: random(128), ...more });
  const sent = await authorize(browser, parameters);
  refused(t, sent, parameters, ["login_required", "interaction_required", "account_selection_required", "consent_required"]);
}

/** Signs in twice in one browser; the second time `more` decides whether they are asked again. */
const twice = (more, { before = 0, asksAgain = false, atFirst, needsTime = false }) => async (t, type) => {
  const one = await flow(t, type, { more: atFirst });
  await sleep(before);
  const two = await flow(t, type, { more: more(one), browser: one.browser });
  const [then, later] = [one.claims.auth_time, two.claims.auth_time];
  t.must(two.asksToSignIn === asksAgain, asksAgain ? "nobody is asked to sign in again" : "somebody is asked to sign in again");
  if (needsTime) t.must(later !== undefined && (then !== undefined || !atFirst), "auth_time is missing");
  if (then !== undefined && later !== undefined) {
    t.must(asksAgain ? later > then : later === then, `auth_time was ${then} and is ${later}`);
  }
  if (asksAgain && needsTime) t.must(later > now() - 301, "auth_time is of long ago");
  if (!asksAgain) t.must(one.claims.sub === two.claims.sub, "sub is another");
};

const levels = async (t, type) => {
  const acr_values = server.acr_values_supported?.join(" ") ?? "1 2";
  const { claims } = await flow(t, type, { more: { acr_values } });
  t.should(words(acr_values).includes(claims.acr), `acr is ${claims.acr} where ${acr_values} would do`);
};

/** A code that comes a second time, at once or later; then what it gave is taken back. */
const again = (seconds) => async (t, type) => {
  const { said, tokens } = await flow(t, type);
  await sleep(seconds * 1000);
  const result = await token(exchange(said.code));
  if (seconds === 0 && result.sent.ok) return t.should(false, "a code is taken twice");
  invalidGrant(t, result);
  if (seconds === 0) return;
  const { sent } = await userinfo(tokens.access_token);
  t.should(sent.status >= 400 && sent.status < 500, "the access token of a code that came twice is still good");
};

async function redirectUnregistered(t, type) {
  const sent = await new Browser().send(asked(request(type, { redirect_uri: `${callback}/${random()}` })));
  stays(t, sent);
}

/** Claims of a request in a JWT that nobody signed (section 6). */
function requestObject(t, type, outside) {
  const algorithms = server.request_object_signing_alg_values_supported;
  if (algorithms && !algorithms.includes("none")) throw new Skip("unsigned request objects are not published");
  const inside = request(type);
  const { state, nonce, ...plainly } = inside;
  const jwt = `${encoded({ alg: "none" })}.${encoded({ ...inside, iss: first.id, aud: server.issuer })}.`;
  return { parameters: { ...plainly, request: jwt, ...outside }, inside };
}

async function requestUnsigned(t, type) {
  const { parameters, inside } = requestObject(t, type);
  const sent = await authorize(new Browser(), parameters);
  const said = new URLSearchParams(t.need(sent.location, "shows a page in place of an answer").split(/[?#]/)[1]);
  if (said.get("error") === "request_not_supported") throw new Skip("request_not_supported, as it may be");
  t.should(server.request_parameter_supported, "request objects are taken and not published");
  t.need(!answer(t, sent, inside).error, "a request object is refused");
}

async function requestRedirect(t, type) {
  const { parameters, inside } = requestObject(t, type, { redirect_uri: `${callback}_invalid` });
  const sent = await new Browser().send(asked(parameters));
  if (!sent.location) return stays(t, sent);
  t.must(!answer(t, sent, inside).error, "goes where the request object alone leads, and takes no request object");
}

async function essential(t, type) {
  const where = type === "id_token" ? "id_token" : "userinfo";
  const run = await flow(t, type, { more: { claims: JSON.stringify({ [where]: { name: { essential: true } } }) } });
  t.should("name" in (await returned(t, run)), `no name in the ${where}, where it is essential`);
  if (where === "userinfo") t.should(!("name" in run.claims), "the ID token has the name that userinfo was to have");
}

/** A refresh token serves its client, and no other (RFC 6749, section 6; OpenID Connect Core 1.0, section 12.2). */
async function refreshes(t, type) {
  let last;
  for (const asking of [first, second]) {
    const more = { nonce: random(asking === second ? 43 : 10) };
    const { tokens, claims } = await flow(t, type, { asking, more });
    if (!tokens.refresh_token) throw new Skip("there is no refresh token");
    t.should(server.grant_types_supported?.includes("refresh_token"), "refresh_token is not published");
    t.must(/^[\x20-\x7e]+$/.test(tokens.refresh_token), "the refresh token has characters that it may not");
    await sleep(1000);
    const grant = { grant_type: "refresh_token", refresh_token: tokens.refresh_token };
    const { sent, said } = await token(asking === first ? { ...grant, scope: "openid" } : grant, asking);
    t.must(sent.status === 200 && isJson(sent), `a refresh is answered with ${sent.status}: ${said.error}`);
    const { headers } = sent;
    t.must(/no-store/.test(headers.get("cache-control") ?? "no-store"), "a refresh may be kept");
    t.must(/no-cache/.test(headers.get("pragma") ?? "no-cache"), "pragma is not no-cache");
    t.need(said.access_token, "a refresh gives no access token");
    t.must(/^bearer$/i.test(said.token_type ?? ""), `token_type is ${said.token_type}`);
    t.must(/^[\x20-\x7e]+$/.test(said.access_token) && entropy(said.access_token) > 96, "the access token can be guessed");
    t.must(said.access_token !== tokens.access_token, "a refresh gives the same access token");
    t.must(said.expires_in === undefined || said.expires_in > 0, `expires_in is ${said.expires_in}`);
    const next = said.refresh_token ?? tokens.refresh_token;
    t.must(next.length >= 16 && entropy(next) > 96, "the refresh token can be guessed");
    if (said.id_token) {
      const fresh = JSON.parse(Buffer.from(said.id_token.split(".")[1], "base64url"));
      for (const name of ["iss", "sub", "aud"]) t.must(fresh[name] === claims[name], `${name} is another after a refresh`);
      t.must(fresh.iat !== claims.iat, "iat is the same after a refresh");
      t.must([undefined, claims.auth_time].includes(fresh.auth_time), "auth_time is another after a refresh");
      t.must([undefined, claims.azp].includes(fresh.azp), "azp is another after a refresh");
    }
    t.must((await userinfo(said.access_token)).sent.status === 200, "userinfo is not shown after a refresh");
    last = next;
  }
  invalidGrant(t, await token({ grant_type: "refresh_token", refresh_token: last, scope: "openid" }, first));
}

async function pkce(t, type) {
  const code_verifier = random(64);
  const code_challenge = createHash("sha256").update(code_verifier).digest("base64url");
  await flow(t, type, { more: { code_challenge, code_challenge_method: "S256" }, verifier: { code_verifier } });
}

// The configuration.

const secure = url.startsWith("https:");

function keysAreFit(t) {
  for (const key of keys) {
    createPublicKey({ key, format: "jwk" });
    const members = { RSA: ["n", "e"], EC: ["x", "y"] }[key.kty] ?? [];
    t.must(members.every((name) => /^[\w-]+$/.test(key[name] ?? "")), `the key ${key.kid} is no JWK`);
    const secrets = ["d", "p", "q", "dp", "dq", "qi", "k"].filter((name) => name in key);
    t.must(key.kty !== "oct" && secrets.length === 0, `the key ${key.kid} is no public one`);
  }
}

function endpoints(t, names) {
  for (const name of names) t.must(name in server, `${name} is missing`);
  for (const [name, value] of Object.entries(server).filter(([name]) => /_endpoint$|_uri$/.test(name))) {
    t.must(URL.canParse(value) && (value.startsWith("https:") || !secure), `${name} is ${value}`);
  }
}

async function configuration(t) {
  t.must(discovered.status === 200 && isJson(discovered), "the document is not JSON");
  t.must(`${server.issuer}/.well-known/openid-configuration` === discoveryUrl, "issuer is not where the document is");
  endpoints(t, ["authorization_endpoint", "token_endpoint", "jwks_uri"]);
  t.should(URL.canParse(server.userinfo_endpoint ?? ""), "userinfo_endpoint is missing");
  const types = server.response_types_supported?.map((type) => words(type).sort().join(" ")) ?? [];
  const isOurs = (type) => type !== "token" && words(type).every((name) => ["code", "id_token", "token"].includes(name));
  t.must(types.some(isOurs), "response_types_supported has none of OpenID Connect's");
  const lists = { subject_types_supported: /^(public|pairwise)$/, id_token_signing_alg_values_supported: /^RS256$/ };
  for (const [name, fits] of Object.entries(lists)) {
    t.must(server[name]?.some((value) => fits.test(value)), `${name} has none that it needs`);
  }
  const isList = (name, isOptional) => server[name]?.length > 0 || (isOptional && !(name in server));
  t.must(isList("grant_types_supported", true), "grant_types_supported is empty");
  t.must(isList("userinfo_signing_alg_values_supported", true), "userinfo_signing_alg_values_supported is empty");
  t.should(Array.isArray(server.claims_supported), "claims_supported is missing");
  t.should("scopes_supported" in server, "scopes_supported is missing");
  t.must(server.scopes_supported?.includes("openid") ?? true, "scopes_supported lacks openid");
  t.should(server.request_object_signing_alg_values_supported?.includes("RS256") ?? true, "request objects may not be RS256's");
  keysAreFit(t);
}

// Signing out.

/** Signs in, and then sends the browser to sign out; null takes a parameter away. */
async function leaves(t, more = () => ({})) {
  const { tokens, browser } = await flow(t, "code", { more: { state: random(128) } });
  const usual = { id_token_hint: tokens.id_token, post_logout_redirect_uri: goodbye, state: random() };
  const parameters = Object.entries({ ...usual, ...more(tokens.id_token) }).filter(([, value]) => value !== null);
  const sent = await browser.send(`${server.end_session_endpoint}?${new URLSearchParams(parameters)}`);
  return { sent, browser, state: Object.fromEntries(parameters).state };
}

/** Goes back to the client with the state and nothing else, signed out. */
const leavesFor = (more) => async (t) => {
  const { sent, browser, state } = await leaves(t, more);
  const location = new URL(t.need(sent.location, `shows a page in place of going back: ${text(sent.page)}`));
  t.need(location.origin + location.pathname === goodbye, `sends the browser to ${location}`);
  t.must((location.searchParams.get("state") ?? undefined) === state, "state comes back as another");
  const others = [...location.searchParams.keys()].filter((name) => name !== "state");
  t.should(others.length === 0, `comes back with ${others}`);
  await silent(t, "code", browser);
};

/** Goes nowhere, and says or asks why. */
const staysWith = (more) => async (t) => stays(t, (await leaves(t, more)).sent);

/** Goes nowhere and is signed out, once it is said to be meant where that is asked. */
const endsWith = (more) => async (t) => {
  const { sent, browser } = await leaves(t, more);
  stays(t, sent);
  if (/name="_csrf"/.test(sent.page)) stays(t, await browser.submit(sent));
  await silent(t, "code", browser);
};

const unsigned = (jwt) => `${encoded({ alg: "none" })}.${jwt.split(".")[1]}.`;
const forged = () => {
  const claims = { iss: first.id, sub: "SubjectID", aud: server.issuer, nonce: "flibble", iat: now(), exp: now() + 300 };
  const signed = `${encoded({ alg: "HS256" })}.${encoded(claims)}`;
  return `${signed}.${createHmac("sha256", first.secret).update(signed).digest("base64url")}`;
};
const to = (post_logout_redirect_uri) => () => ({ post_logout_redirect_uri });
const nothing = () => ({ id_token_hint: null, post_logout_redirect_uri: null, state: null });

// The plans.

/** Modules that are known to warn: Cognito's ID tokens say who a user is, whatever else is asked for. */
const known = words("oidcc-server oidcc-scope-email oidcc-ensure-other-scope-order-succeeds oidcc-claims-essential");

const registration = "static clients cannot ask for it when they register";
const common = {
  "oidcc-scope-profile": scoped("openid profile"),
  "oidcc-scope-email": scoped("openid email"),
  "oidcc-scope-address": scoped("openid address"),
  "oidcc-scope-phone": scoped("openid phone"),
  "oidcc-scope-all": scoped("openid email phone address profile"),
  "oidcc-ensure-other-scope-order-succeeds": scoped("email openid"),
  "oidcc-display-page": withMore({ display: "page" }),
  "oidcc-display-popup": withMore({ display: "popup" }),
  "oidcc-prompt-login": twice(() => ({ prompt: "login" }), { before: 1000, asksAgain: true }),
  "oidcc-prompt-none-not-logged-in": (t, type) => silent(t, type, new Browser()),
  "oidcc-prompt-none-logged-in": twice(() => ({ prompt: "none" }), {}),
  "oidcc-max-age-1": twice(() => ({ max_age: 1 }), { before: 2000, asksAgain: true, needsTime: true }),
  "oidcc-max-age-10000": twice(() => ({ max_age: 10000 }), { atFirst: { max_age: 15000 }, needsTime: true }),
  "oidcc-ensure-request-with-unknown-parameter-succeeds": withMore({ extra: "foobar" }),
  "oidcc-id-token-hint": twice(({ tokens }) => ({ prompt: "none", id_token_hint: tokens.id_token }), {}),
  "oidcc-login-hint": withMore({ login_hint: `buffy@${new URL(url).hostname}` }),
  "oidcc-ui-locales": withMore({ ui_locales: "se" }),
  "oidcc-claims-locales": withMore({ claims_locales: "se" }),
  "oidcc-ensure-request-with-acr-values-succeeds": levels,
  "oidcc-ensure-registered-redirect-uri": redirectUnregistered,
  "oidcc-request-uri-unsigned-supported-correctly-or-rejected-as-unsupported": registration,
  "oidcc-unsigned-request-object-supported-correctly-or-rejected-as-unsupported": requestUnsigned,
  "oidcc-ensure-request-object-with-redirect-uri": requestRedirect,
  "oidcc-claims-essential": essential,
};
const showing = {
  "oidcc-userinfo-get": shows("get"),
  "oidcc-userinfo-post-header": shows("header"),
  "oidcc-userinfo-post-body": shows("body"),
};
const basic = {
  "oidcc-server": happy,
  "oidcc-response-type-missing": typeMissing,
  "oidcc-idtoken-signature": registration,
  "oidcc-idtoken-unsigned": registration,
  ...showing,
  "oidcc-ensure-request-without-nonce-succeeds-for-code-flow": withMore({ nonce: null }),
  ...common,
  "oidcc-codereuse": again(0),
  "oidcc-codereuse-30seconds": again(30),
  "oidcc-ensure-post-request-succeeds": async (t, type) => void (await flow(t, type, { method: "POST" })),
  "oidcc-server-client-secret-post": (t, type) => serves(t, type, true),
  "oidcc-refresh-token": refreshes,
  "oidcc-ensure-request-with-valid-pkce-succeeds": pkce,
};
const implicit = {
  "oidcc-server": happy,
  "oidcc-idtoken-signature": registration,
  "oidcc-ensure-request-without-nonce-fails": nonceMissing,
  ...common,
};
const signOut = {
  "oidcc-rp-initiated-logout-discovery-endpoint-verification": (t) => endpoints(t, ["end_session_endpoint"]),
  "oidcc-rp-initiated-logout": leavesFor(),
  "oidcc-rp-initiated-logout-bad-post-logout-redirect-uri": staysWith(to(`${goodbye}/${random()}`)),
  "oidcc-rp-initiated-logout-modified-id-token-hint": staysWith((jwt) => ({ id_token_hint: unsigned(jwt) })),
  "oidcc-rp-initiated-logout-no-id-token-hint": staysWith(() => ({ id_token_hint: null })),
  "oidcc-rp-initiated-logout-no-params": endsWith(nothing),
  "oidcc-rp-initiated-logout-no-post-logout-redirect-uri": endsWith(to(null)),
  "oidcc-rp-initiated-logout-no-state": leavesFor(() => ({ state: null })),
  "oidcc-rp-initiated-logout-only-state": endsWith(() => ({ id_token_hint: null, post_logout_redirect_uri: null })),
  "oidcc-rp-initiated-logout-query-added-to-post-logout-redirect-uri": staysWith(to(`${goodbye}?foo=bar`)),
  "oidcc-rp-initiated-logout-bad-id-token-hint": staysWith(() => ({ id_token_hint: forged() })),
};
const plans = [
  ["Config", undefined, { "oidcc-discovery-endpoint-verification": configuration }],
  ["Basic", "code", basic],
  ["Implicit", "id_token", implicit],
  ["Implicit", "id_token token", { ...implicit, ...showing, "oidcc-response-type-missing": typeMissing }],
  ["RP-Initiated Logout", "code", signOut],
];

/** Plays a module, and says what it found. */
async function play([name, module], type) {
  if (typeof module === "string") return `${name}: not applicable: ${module}`;
  const t = new Findings();
  try {
    await module(t, type);
  } catch (error) {
    if (error instanceof Skip) return `${name}: skipped: ${error.message}`;
    t.failed.add(error instanceof Stop ? error.message : error.stack);
  }
  const said = [...[...t.failed].map((what) => `  FAIL ${what}`), ...[...t.warned].map((what) => `  WARN ${what}`)];
  return [`${name}: ${t.failed.size ? "FAIL" : t.warned.size ? "WARN" : "ok"}`, ...said].join("\n");
}

let isNew = false;
const outcomes = { ok: 0, WARN: 0, FAIL: 0, skipped: 0, "not applicable": 0 };
for (const [plan, type, modules] of plans) {
  console.log(`${plan}${type ? `, ${type}` : ""}`);
  const queue = Object.entries(modules);
  const lines = new Map();
  const player = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) lines.set(next[0], await play(next, type));
  };
  await Promise.all(Array.from({ length: 4 }, player));
  for (const line of Object.keys(modules).map((name) => lines.get(name))) {
    const [, name, outcome] = /^(\S+): (ok|WARN|FAIL|skipped|not applicable)/.exec(line);
    outcomes[outcome] += 1;
    isNew ||= outcome === "FAIL" || (outcome === "WARN" && !known.includes(name));
    console.log(line.replace(/^/gm, "  "));
  }
}
if (!secure) console.log("not looked at: that every URL is https, which a development server's are not");
console.log(Object.entries(outcomes).map(([outcome, count]) => `${count} ${outcome}`).join(", "));
await end();
// A warning that nobody knows of is a failure.
process.exitCode = isNew ? 1 : 0;
