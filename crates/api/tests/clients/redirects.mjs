// oidc-client-ts and Amplify in a page of an app, whose users are sent to the pool's pages and come back; run.sh calls this.
//
//   redirects.mjs URL CHROMIUM    URL of a server in development mode, path of the browser

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, request as ask } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";
import { launch } from "puppeteer-core";

import { client } from "./development.mjs";

const [url, chromium] = [process.argv[2].replace(/\/$/, ""), process.argv[3]];
const idp = client(url);
const password = "Analytical-1843";

/** The app's script: what each library needs to sign in, to come back and to sign out. */
const contents = `
  import { Amplify } from "aws-amplify";
  import * as auth from "aws-amplify/auth";
  import { Hub } from "aws-amplify/utils";
  import { UserManager } from "oidc-client-ts";
  import "aws-amplify/auth/enable-oauth-listener";
  globalThis.app = { Amplify, auth, Hub, UserManager };
  const { library, settings } = JSON.parse(sessionStorage.getItem("app") ?? "{}");
  if (library === "amplify") {
    const outcomes = ["signInWithRedirect", "signInWithRedirect_failure"];
    globalThis.back = new Promise((resolve) =>
      Hub.listen("auth", ({ payload }) => outcomes.includes(payload.event) && resolve(payload)),
    );
    Amplify.configure(settings);
  }`;
const resolveDir = fileURLToPath(new URL(".", import.meta.url));
const { outputFiles } = await build({ stdin: { contents, resolveDir }, bundle: true, write: false, format: "iife" });
const script = outputFiles[0].text;

const app = createServer((request, response) => {
  const isScript = request.url === "/app.js";
  response.setHeader("content-type", isScript ? "text/javascript" : "text/html");
  response.end(isScript ? script : '<!doctype html><title>The app</title><script src="/app.js"></script>');
});
await once(app.listen(0, "127.0.0.1"), "listening");
const home = `http://127.0.0.1:${app.address().port}`;

// Amplify speaks to nothing but https, so TLS ends in front of the server, as it does behind a proxy.
const folder = await mkdtemp(join(tmpdir(), "cognate-tls-"));
const [keyFile, certFile] = [join(folder, "key.pem"), join(folder, "cert.pem")];
const subject = ["-subj", "/CN=127.0.0.1", "-days", "1", "-nodes", "-newkey", "rsa:2048"];
execFileSync("openssl", ["req", "-x509", ...subject, "-keyout", keyFile, "-out", certFile], { stdio: "ignore" });
const tls = { key: await readFile(keyFile), cert: await readFile(certFile) };
await rm(folder, { recursive: true });
const proxy = createSecureServer(tls, (request, response) => {
  const { method, headers } = request;
  const passed = ask(new URL(request.url, url), { method, headers }, (answer) => {
    response.writeHead(answer.statusCode, answer.headers);
    answer.pipe(response);
  });
  request.pipe(passed);
});
await once(proxy.listen(0, "127.0.0.1"), "listening");

const { UserPool } = await idp.createUserPool({ PoolName: "redirects" });
const pool = UserPool.Id;
const { UserPoolClient } = await idp.createUserPoolClient({
  UserPoolId: pool,
  ClientName: "The app",
  AllowedOAuthFlowsUserPoolClient: true,
  AllowedOAuthFlows: ["code"],
  AllowedOAuthScopes: ["openid", "email", "aws.cognito.signin.user.admin"],
  CallbackURLs: [`${home}/`],
  LogoutURLs: [`${home}/`],
  SupportedIdentityProviders: ["COGNITO"],
});
const { ClientId } = UserPoolClient;
const UserAttributes = [{ Name: "email", Value: "ada@example.com" }, { Name: "email_verified", Value: "true" }];
await idp.adminCreateUser({ UserPoolId: pool, Username: "ada", MessageAction: "SUPPRESS", UserAttributes });
await idp.adminSetUserPassword({ UserPoolId: pool, Username: "ada", Password: password, Permanent: true });

// The prefixes of pools are on this machine.
const hosts = "--host-resolver-rules=MAP *.pools.test 127.0.0.1";
const args = ["--no-sandbox", "--ignore-certificate-errors", hosts];
const browser = await launch({ executablePath: chromium, args });

/** Signs in on the page that the app sent its user to, and waits until they are back. */
async function signIn(page) {
  await page.waitForSelector("#signInFormUsername");
  await page.type("#signInFormUsername", "ada");
  await page.type("#signInFormPassword", password);
  await Promise.all([page.waitForNavigation(), page.click("form .primary")]);
  assert.ok(page.url().startsWith(home), page.url());
}

/** Does what sends a page elsewhere, and waits until it is there. */
const leaves = (page, act, ...given) => {
  // A script that is gone has no outcome.
  const acted = page.evaluate(act, ...given).catch((error) => assert.match(error.message, /context was destroyed/));
  return Promise.all([page.waitForNavigation(), acted]);
};

{
  const page = await (await browser.createBrowserContext()).newPage();
  const settings = {
    authority: `${url}/${pool}`,
    client_id: ClientId,
    redirect_uri: `${home}/`,
    post_logout_redirect_uri: `${home}/`,
    silent_redirect_uri: `${home}/`,
    scope: "openid email",
    loadUserInfo: true,
  };
  await page.goto(home);
  await leaves(page, (settings) => new app.UserManager(settings).signinRedirect({ state: "kept" }), settings);
  await signIn(page);
  const { profile, state, scopes } = await page.evaluate(async (settings) => {
    const { profile, state, scopes } = await new app.UserManager(settings).signinRedirectCallback();
    return { profile, state, scopes };
  }, settings);
  assert.deepEqual([profile.email, state, scopes], ["ada@example.com", "kept", ["openid", "email"]]);
  const renewed = await page.evaluate(async (settings) => {
    return (await new app.UserManager(settings).signinSilent()).profile.sub;
  }, settings);
  assert.equal(renewed, profile.sub);
  await leaves(page, (settings) => new app.UserManager(settings).signoutRedirect({ state: "bye" }), settings);
  assert.ok(page.url().startsWith(`${home}/?state=`), page.url());
  await leaves(page, (settings) => new app.UserManager(settings).signinRedirect({ prompt: "none" }), settings);
  assert.match(page.url(), /error=login_required/);
}
console.log("  oidc-client-ts signs somebody in, renews silently, and signs them out");

const prefix = `redirects-${pool.split("_")[1].toLowerCase()}`;
await idp.createUserPoolDomain({ UserPoolId: pool, Domain: prefix, ManagedLoginVersion: 2 });

{
  const page = await (await browser.createBrowserContext()).newPage();
  // Amplify reaches the pages by a host alone.
  const domain = `${prefix}.pools.test:${proxy.address().port}`;
  const oauth = {
    domain,
    scopes: ["openid", "email", "aws.cognito.signin.user.admin"],
    redirectSignIn: [`${home}/`],
    redirectSignOut: [`${home}/`],
    responseType: "code",
  };
  const Cognito = { userPoolId: pool, userPoolClientId: ClientId, userPoolEndpoint: url, loginWith: { oauth } };
  await page.goto(home);
  await page.evaluate((it) => sessionStorage.setItem("app", JSON.stringify(it)), {
    library: "amplify",
    settings: { Auth: { Cognito } },
  });
  await page.reload();
  await leaves(page, () => app.auth.signInWithRedirect({ customState: "kept" }));
  await signIn(page);
  const back = await page.evaluate(async () => {
    const { event, data } = await back;
    if (event !== "signInWithRedirect") throw new Error(JSON.stringify(data?.error?.message));
    const { username } = await app.auth.getCurrentUser();
    const { email } = await app.auth.fetchUserAttributes();
    return { username, email };
  });
  assert.deepEqual(back, { username: "ada", email: "ada@example.com" });
  await leaves(page, () => app.auth.signOut());
  await page.waitForFunction((home) => location.href === `${home}/`, {}, home);
  await leaves(page, () => app.auth.signInWithRedirect());
  await page.waitForSelector("#signInFormUsername");
}
console.log("  Amplify sends somebody to the pages and takes them back, and signs them out");

await browser.close();
for (const server of [app, proxy]) {
  server.close();
  server.closeAllConnections();
}
await idp.deleteUserPoolDomain({ UserPoolId: pool, Domain: prefix });
await idp.deleteUserPool({ UserPoolId: pool });
