// Clients of a pool that follows OpenID Connect, its user and their browser, which has no screen, and what answers are held to;
// openid_plans.mjs plays the OpenID Foundation's plans with them.

import { createHash, createPublicKey, randomBytes, verify as isSigned } from "node:crypto";

import { client } from "./development.mjs";

export const url = process.argv[2].replace(/\/$/, "");
const idp = client(url);
const password = "Analytical-1843";
const home = "http://127.0.0.1:4321";
export const [callback, goodbye] = [`${home}/cb`, `${home}/bye`];

/** The claims that the standard scopes stand for (OpenID Connect Core 1.0, section 5.4), as the user has them; no address. */
const person = {
  profile: {
    name: "Ada King",
    given_name: "Ada",
    family_name: "King",
    middle_name: "Augusta",
    nickname: "Countess",
    preferred_username: "lovelace",
    profile: "https://example.com/ada",
    picture: "https://example.com/ada.png",
    website: "https://example.com/",
    gender: "female",
    birthdate: "1985-12-10", // The plans take nobody for alive who was born before 1850.
    zoneinfo: "Europe/London",
    locale: "en-GB",
    updated_at: `${now() - 60}`,
  },
  email: { email: "ada@example.com", email_verified: "true" },
  phone: { phone_number: "+442079460000", phone_number_verified: "true" },
};

const { UserPool } = await idp.createUserPool({ PoolName: "plans", UserPoolTags: { "cognate:profile": "openid" } });
const pool = UserPool.Id;
const attributes = Object.entries(Object.assign({}, ...Object.values(person)));
await idp.adminCreateUser({
  UserPoolId: pool,
  Username: "ada",
  MessageAction: "SUPPRESS",
  UserAttributes: attributes.map(([Name, Value]) => ({ Name, Value })),
});
await idp.adminSetUserPassword({ UserPoolId: pool, Username: "ada", Password: password, Permanent: true });

async function register(ClientName) {
  const { UserPoolClient } = await idp.createUserPoolClient({
    UserPoolId: pool,
    ClientName,
    GenerateSecret: true,
    ExplicitAuthFlows: ["ALLOW_REFRESH_TOKEN_AUTH"],
    AllowedOAuthFlowsUserPoolClient: true,
    AllowedOAuthFlows: ["code", "implicit"],
    AllowedOAuthScopes: ["openid", "email", "phone", "profile"],
    CallbackURLs: [callback],
    LogoutURLs: [goodbye],
    SupportedIdentityProviders: ["COGNITO"],
  });
  return { id: UserPoolClient.ClientId, secret: UserPoolClient.ClientSecret };
}
export const [first, second] = [await register("First"), await register("Second")];

export const discoveryUrl = `${url}/${pool}/.well-known/openid-configuration`;
export const discovered = await fetch(discoveryUrl);
export const server = await discovered.json();
export const { keys } = await (await fetch(server.jwks_uri)).json();

/** Takes everything away again. */
export const end = () => idp.deleteUserPool({ UserPoolId: pool });

/** What keeps a module from going on. */
export class Stop extends Error {}
/** What says that a module is for servers that can do more. */
export class Skip extends Error {}

/** What a module finds. */
export class Findings {
  failed = new Set();
  warned = new Set();
  must = (holds, what) => holds || this.failed.add(what);
  should = (holds, what) => holds || this.warned.add(what);
  need = (value, what) => {
    if (!value) throw new Stop(what);
    return value;
  };
}

/** A browser without a screen: it keeps cookies, and follows what leads to the server's own pages. */
export class Browser {
  cookies = new Map();

  async send(target, init = {}) {
    const cookie = [...this.cookies].map((pair) => pair.join("=")).join("; ");
    const headers = { ...init.headers, cookie };
    const answer = await fetch(target, { ...init, headers, redirect: "manual" });
    for (const set of answer.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(set);
      if (/Max-Age=0/i.test(set)) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    const location = answer.headers.get("location");
    if (!location) return { page: await answer.text(), at: target };
    const next = new URL(location, target).href;
    return next.startsWith(`${url}/`) ? this.send(next) : { location: next };
  }

  /** Fills in the first form of a page. */
  submit({ page, at }, filled) {
    const [form, action = at] = /<form method="post"(?: action="([^"]*)")?.*?<\/form>/s.exec(page);
    const hidden = form.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g);
    const fields = Object.fromEntries([...hidden].map(([, name, value]) => [name, plain(value)]));
    const body = new URLSearchParams({ ...fields, ...filled });
    return this.send(new URL(plain(action), at).href, { method: "POST", body, headers: { origin: new URL(at).origin } });
  }
}

const plain = (text) => text.replace(/&#38;|&amp;/g, "&").replace(/&#39;/g, "'").replace(/&#34;|&quot;/g, '"');
export const random = (length = 10) => randomBytes(length).toString("hex").slice(0, length);
export const encoded = (json) => Buffer.from(JSON.stringify(json)).toString("base64url");
export const half = (text) => createHash("sha256").update(text).digest().subarray(0, 16).toString("base64url");
const seconds = (value) => Number.isInteger(value);
export const words = (text) => text.split(" ");

export function now() {
  return Math.floor(Date.now() / 1000);
}

/** Shannon's, times the length, as the plans reckon it. */
export function entropy(text) {
  const shares = [...new Set(text)].map((letter) => (text.split(letter).length - 1) / text.length);
  return -text.length * shares.reduce((sum, share) => sum + share * Math.log2(share), 0);
}

// What clients send.

/** The parameters of a request; null takes one away. */
export function request(type, more = {}, asking = first) {
  const usual = { client_id: asking.id, redirect_uri: callback, scope: "openid", state: random(), nonce: random() };
  const all = Object.entries({ ...usual, response_type: type, ...more });
  return Object.fromEntries(all.filter(([, value]) => value !== null));
}

export const asked = (parameters) => `${server.authorization_endpoint}?${new URLSearchParams(parameters)}`;

/** Sends a browser with a request, and signs in where it is asked to. */
export async function authorize(browser, parameters, method = "GET") {
  const form = { method, body: new URLSearchParams(parameters) };
  const shown = await (method === "GET" ? browser.send(asked(parameters)) : browser.send(server.authorization_endpoint, form));
  const asksToSignIn = /name="password"/.test(shown.page ?? "");
  const sent = asksToSignIn ? await browser.submit(shown, { username: "ada", password }) : shown;
  return { ...sent, asksToSignIn };
}

/** The parameters that a browser comes back with, where they belong. */
export function answer(t, { location, page }, { response_type, state }) {
  t.need(location, `shows a page in place of an answer: ${text(page)}`);
  t.need(location.split(/[?#]/)[0] === callback, `sends the browser to ${location}`);
  const { search, hash } = new URL(location);
  const query = new URLSearchParams(search);
  const isInQuery = (response_type ?? "code") === "code";
  if (!isInQuery) t.must(!query.has("code") && !query.has("error"), "says in the query what belongs in the fragment");
  const said = Object.fromEntries(isInQuery ? query : new URLSearchParams(hash.slice(1)));
  t.must(said.iss === undefined || said.iss === server.issuer, "iss is not the issuer");
  t.must(said.state === state, `state comes back as ${said.state}`);
  return said;
}

/** An error that the client is told of. */
export function refused(t, sent, parameters, codes) {
  const said = answer(t, sent, parameters);
  t.must(codes.includes(said.error), `the error is ${said.error}`);
  t.must(said.code === undefined, "a code comes with the error");
  const known = ["error", "error_description", "error_uri", "state", "session_state", "iss"];
  for (const name of Object.keys(said)) t.should(known.includes(name), `${name} comes with the error`);
  describes(t, said);
}

function describes(t, { error_description = "", error_uri = "" }) {
  t.must(/^[\t\n\r\x20\x21\x23-\x5b\x5d-\x7e]*$/.test(error_description), "error_description has characters that it may not");
  t.should(!/[\t\n\r]/.test(error_description), "error_description breaks its line");
  t.must(/^[\x21\x23-\x5b\x5d-\x7e]*$/.test(error_uri), "error_uri has characters that it may not");
}

/** A page that says what is wrong, or asks, and sends nobody anywhere. */
export function stays(t, { location, page }) {
  t.need(!location, `sends the browser to ${location}`);
  t.must(/<h1/.test(page) && !/name="password"/.test(page), `shows another page: ${text(page)}`);
}

const markup = /<(style|script).*?<\/\1>|<[^>]*>/gs;
export const text = (page = "") => page.replace(markup, " ").replace(/\s+/g, " ").trim().slice(0, 200);

export async function token(form, asking = first, isPost = false) {
  const body = new URLSearchParams(isPost ? { ...form, client_id: asking.id, client_secret: asking.secret } : form);
  const basic = `Basic ${Buffer.from(`${asking.id}:${asking.secret}`).toString("base64")}`;
  const sent = await fetch(server.token_endpoint, { method: "POST", body, headers: isPost ? {} : { authorization: basic } });
  return { sent, said: await sent.json().catch(() => ({})) };
}

export const isJson = ({ headers }) => /^application\/json\b/.test(headers.get("content-type"));
export const exchange = (code, more = {}) => ({ grant_type: "authorization_code", code, redirect_uri: callback, ...more });

/** A grant that is good for nothing, or no longer. */
export function invalidGrant(t, { sent, said }) {
  t.must(sent.status === 400, `a grant that is no good is answered with ${sent.status}`);
  t.must(isJson(sent), "the error is not JSON");
  t.must(said.error === "invalid_grant", `the error is ${said.error}`);
  describes(t, said);
}

export async function userinfo(access, how = "get") {
  const headers = { authorization: `Bearer ${access}` };
  const body = new URLSearchParams({ access_token: access });
  const init = { get: { headers }, header: { method: "POST", headers }, body: { method: "POST", body } }[how];
  const sent = await fetch(server.userinfo_endpoint, init);
  return { sent, said: await sent.json().catch(() => undefined) };
}

// What they demand.

const isText = (value) => typeof value === "string" && value.trim() !== "" && value.toLowerCase() !== "null";
const types = {
  email_verified: (value) => typeof value === "boolean",
  phone_number_verified: (value) => typeof value === "boolean",
  updated_at: (value) => typeof value === "number" && value > 631152000 && value < now() + 300,
  birthdate: (value) => /^(0000|18[5-9]\d|19\d\d|20\d\d)(-\d\d-\d\d)?$/.test(value) && !Number.isNaN(Date.parse(value)),
  address: (value) => typeof value === "object",
};
const told = Object.entries(person).map(([scope, claims]) => [scope, Object.keys(claims)]);
const standing = { openid: ["sub"], address: ["address"], ...Object.fromEntries(told) };
const named = Object.values(standing).flat();
export const claimsOf = (scope) => words(scope).flatMap((name) => standing[name] ?? []);

/** What anybody says of a user is of the types that it should be (section 5.1). */
function typed(t, claims, where) {
  for (const name of named.filter((name) => name in claims)) {
    t.must((types[name] ?? isText)(claims[name]), `${name} is ${JSON.stringify(claims[name])} in the ${where}`);
  }
}

/** The claims of an ID token (section 3.1.3.7), which every module looks at. */
function idToken(t, jwt, nonce, asking) {
  t.need(jwt?.split(".").length === 3, "there is no ID token");
  const [header, claims] = words(jwt.replaceAll(".", " ")).slice(0, 2).map((part) => JSON.parse(Buffer.from(part, "base64url")));
  const key = t.need(header.kid && keys.find(({ kid }) => kid === header.kid), "no key has the ID token's kid");
  t.must(header.alg === "RS256", `the ID token's alg is ${header.alg}`);
  const [signed, signature] = [jwt.slice(0, jwt.lastIndexOf(".")), Buffer.from(jwt.split(".")[2], "base64url")];
  const holds = isSigned("RSA-SHA256", Buffer.from(signed), createPublicKey({ key, format: "jwk" }), signature);
  t.must(holds, "the ID token's signature does not hold");
  const { iss, aud, sub, exp, iat, auth_time, acr } = claims;
  t.must(iss === server.issuer, `the ID token's iss is ${iss}`);
  t.must([aud].flat().includes(asking.id), `the ID token's aud is ${aud}`);
  t.must(isText(sub) && sub.length < 256, `the ID token's sub is ${sub}`);
  t.must(seconds(exp) && exp > now() - 300, `the ID token's exp is ${exp}`);
  t.must(seconds(iat) && Math.abs(iat - now()) < 300, `the ID token's iat is ${iat}`);
  const isThen = auth_time === undefined || (seconds(auth_time) && auth_time < now() + 300 && auth_time > now() - 31536000);
  t.must(isThen, `the ID token's auth_time is ${auth_time}`);
  t.must(acr === undefined || isText(acr), `the ID token's acr is ${acr}`);
  t.must(claims.nonce === nonce, `the ID token's nonce is ${claims.nonce}`);
  typed(t, claims, "ID token");
  return claims;
}

/** Who signed in, by a request of this type: what every module sees to on its way. Without a browser it is a new one. */
export async function flow(t, type, { more, browser = new Browser(), asking = first, isPost, method, verifier } = {}) {
  const parameters = request(type, more, asking);
  const sent = await authorize(browser, parameters, method);
  const said = answer(t, sent, parameters);
  t.need(!said.error, `is refused: ${said.error} ${said.error_description}`);
  let tokens = said;
  if (type === "code") {
    t.need(said.code, "there is no code");
    const { sent: got, said: granted } = await token(exchange(said.code, verifier), asking, isPost);
    tokens = granted;
    t.need(got.ok, `the code is refused: ${granted.error}`);
    t.need(/^bearer$/i.test(tokens.token_type ?? ""), `token_type is ${tokens.token_type}`);
    t.must(tokens.expires_in === undefined || tokens.expires_in > 0, `expires_in is ${tokens.expires_in}`);
  }
  if (type !== "id_token") t.need(tokens.access_token, "there is no access token");
  const claims = idToken(t, tokens.id_token, parameters.nonce, asking);
  const run = { parameters, browser, said, tokens, claims, asksToSignIn: sent.asksToSignIn };
  if (tokens.access_token) t.must((await userinfo(tokens.access_token)).sent.status === 200, "userinfo is not shown");
  return run;
}

/** What the userinfo endpoint says (section 5.3.2). */
export async function shown(t, { tokens, claims }, how) {
  const { sent, said } = await userinfo(tokens.access_token, how);
  if (how === "body" && !sent.ok) return t.should(false, "a token in a form is not taken");
  t.must(sent.status === 200, `userinfo is answered with ${sent.status}`);
  t.must(isJson(sent), "userinfo is not JSON");
  t.need(said, "userinfo cannot be read");
  typed(t, said, "userinfo");
  t.must(said.sub === claims.sub, "userinfo's sub is not the ID token's");
  for (const name of Object.values(said._claim_names ?? {})) t.must(name in (said._claim_sources ?? {}), `${name} has no source`);
  return said;
}

/** The claims that scopes stand for, in userinfo, or in the ID token where there is no other. */
export async function returned(t, run) {
  const said = run.tokens.access_token ? await shown(t, run) : run.claims;
  const missing = claimsOf(run.parameters.scope).filter((name) => !(name in said));
  t.should(missing.length === 0, `no ${missing} for ${run.parameters.scope}`);
  return said;
}
