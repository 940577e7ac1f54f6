// Passkeys in a real browser, whose virtual authenticator makes and uses them: Chromium with the AWS SDK for JavaScript
// doing the calls, and with Amplify in a page of its own; run.sh calls this.
//
//   passkeys.mjs URL CHROMIUM    URL of a server in development mode on this machine, path of the browser

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";
import { launch } from "puppeteer-core";

import { withAuthenticator } from "./authenticator.mjs";
import { client as developmentClient } from "./development.mjs";

const url = process.argv[2].replace(/\/$/, "");
const password = "Analytical-1843";
const wrong = { name: "NotAuthorizedException", message: "Incorrect username or password." };

const idp = developmentClient(url);

/** A pool whose users begin with a password or a passkey, and a client that lets them choose. */
async function createPool() {
  const SignInPolicy = { AllowedFirstAuthFactors: ["PASSWORD", "WEB_AUTHN"] };
  const { UserPool } = await idp.createUserPool({ PoolName: "passkeys", Policies: { SignInPolicy } });
  const UserPoolId = UserPool.Id;
  await idp.setUserPoolMfaConfig({ UserPoolId, WebAuthnConfiguration: { RelyingPartyId: "localhost" } });
  const ExplicitAuthFlows = ["ALLOW_USER_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"];
  const { UserPoolClient } = await idp.createUserPoolClient({ UserPoolId, ClientName: "web", ExplicitAuthFlows });
  for (const Username of ["ada", "joan"]) {
    await idp.adminCreateUser({ UserPoolId, Username, MessageAction: "SUPPRESS" });
    await idp.adminSetUserPassword({ UserPoolId, Username, Password: password, Permanent: true });
  }
  await sleep(1000); // A server remembers a pool's settings a moment longer.
  return { id: UserPoolId, client: UserPoolClient.ClientId };
}

/** A page of a browser with an authenticator built in. */
async function openPage(browser) {
  const page = await browser.newPage();
  await withAuthenticator(page);
  return page;
}

/** What a page does with the options of a registration. */
const create = (page, options) =>
  page.evaluate(async (options) => {
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
    return (await navigator.credentials.create({ publicKey })).toJSON();
  }, options);

/** What a page does with the options of a sign-in. */
const get = (page, options) =>
  page.evaluate(async (options) => {
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
    return (await navigator.credentials.get({ publicKey })).toJSON();
  }, options);

async function sdk(page, pool) {
  const begin = (parameters) =>
    idp.initiateAuth({
      ClientId: pool.client,
      AuthFlow: "USER_AUTH",
      AuthParameters: { USERNAME: "ada", ...parameters },
    });
  const beginWithPasskey = async () => {
    const asked = await begin({ PREFERRED_CHALLENGE: "WEB_AUTHN" });
    assert.equal(asked.ChallengeName, "WEB_AUTHN");
    return { session: asked.Session, options: JSON.parse(asked.ChallengeParameters.CREDENTIAL_REQUEST_OPTIONS) };
  };
  const answer = (Session, credential) =>
    idp.respondToAuthChallenge({
      ClientId: pool.client,
      ChallengeName: "WEB_AUTHN",
      Session,
      ChallengeResponses: { USERNAME: "ada", CREDENTIAL: JSON.stringify(credential) },
    });

  const first = await begin({ PREFERRED_CHALLENGE: "PASSWORD", PASSWORD: password });
  const { AccessToken } = first.AuthenticationResult;
  const register = async () => {
    const { CredentialCreationOptions } = await idp.startWebAuthnRegistration({ AccessToken });
    const Credential = await create(page, CredentialCreationOptions);
    await idp.completeWebAuthnRegistration({ AccessToken, Credential });
    return Credential.id;
  };
  const id = await register();
  const { Credentials } = await idp.listWebAuthnCredentials({ AccessToken });
  assert.deepEqual(Credentials.map((it) => it.CredentialId), [id]);
  const [{ RelyingPartyId, AuthenticatorAttachment, AuthenticatorTransports }] = Credentials;
  assert.deepEqual(
    { RelyingPartyId, AuthenticatorAttachment, AuthenticatorTransports },
    { RelyingPartyId: "localhost", AuthenticatorAttachment: "platform", AuthenticatorTransports: ["internal"] },
  );
  // The options name the passkey that is there, so the same authenticator makes no second one.
  await assert.rejects(register(), /InvalidStateError/);

  const { session, options } = await beginWithPasskey();
  const signed = await get(page, options);
  const { AuthenticationResult } = await answer(session, signed);
  assert.equal((await idp.getUser({ AccessToken: AuthenticationResult.AccessToken })).Username, "ada");
  const used = { name: wrong.name, message: "Invalid session for the user, session can only be used once." };
  await assert.rejects(answer(session, signed), used);
  await assert.rejects(answer((await beginWithPasskey()).session, signed), wrong);

  const offered = await begin();
  assert.equal(offered.ChallengeName, "SELECT_CHALLENGE");
  assert.ok(offered.AvailableChallenges.includes("WEB_AUTHN"));
  const early = await beginWithPasskey();
  await idp.deleteWebAuthnCredential({ AccessToken, CredentialId: id });
  await assert.rejects(answer(early.session, await get(page, early.options)), wrong);
  const left = await begin({ PREFERRED_CHALLENGE: "WEB_AUTHN" });
  assert.ok(!(left.AvailableChallenges ?? []).includes("WEB_AUTHN"), `${left.AvailableChallenges}`);
  assert.deepEqual((await idp.listWebAuthnCredentials({ AccessToken })).Credentials, []);
}

/** Amplify for pages, which find it as `app`. */
async function bundleAmplify() {
  const contents = `
    import { Amplify } from "aws-amplify";
    import * as auth from "aws-amplify/auth";
    globalThis.app = { Amplify, auth };`;
  const resolveDir = fileURLToPath(new URL(".", import.meta.url));
  const { outputFiles } = await build({ stdin: { contents, resolveDir }, bundle: true, write: false });
  return outputFiles[0].text;
}

/** Runs in the app's page; what it returns is checked outside. */
async function inApp({ pool, url, password }) {
  const { Amplify, auth } = globalThis.app;
  Amplify.configure({
    Auth: { Cognito: { userPoolId: pool.id, userPoolClientId: pool.client, userPoolEndpoint: url } },
  });
  const signInBy = (preferredChallenge, more) =>
    auth.signIn({ username: "joan", ...more, options: { authFlowType: "USER_AUTH", preferredChallenge } });
  const steps = [await signInBy("PASSWORD_SRP", { password })];
  await auth.associateWebAuthnCredential();
  await auth.signOut();
  steps.push(await signInBy("WEB_AUTHN"));
  const { username } = await auth.getCurrentUser();
  const { credentials } = await auth.listWebAuthnCredentials();
  for (const { credentialId } of credentials) await auth.deleteWebAuthnCredential({ credentialId });
  await auth.signOut();
  const { nextStep } = await signInBy("WEB_AUTHN");
  return { steps, username, parties: credentials.map((it) => it.relyingPartyId), after: nextStep };
}

async function amplify(page, pool) {
  const server = createServer((_, response) => response.setHeader("Content-Type", "text/html").end("<!doctype html>"));
  await once(server.listen(0, "localhost"), "listening");
  try {
    await page.goto(`http://localhost:${server.address().port}/`);
    await page.addScriptTag({ content: await bundleAmplify() });
    const { steps, username, parties, after } = await page.evaluate(inApp, { pool, url, password });
    const done = { isSignedIn: true, nextStep: { signInStep: "DONE" } };
    assert.deepEqual(steps, [done, done]);
    assert.equal(username, "joan");
    assert.deepEqual(parties, ["localhost"]);
    assert.equal(after.signInStep, "CONTINUE_SIGN_IN_WITH_FIRST_FACTOR_SELECTION");
    assert.ok(!after.availableChallenges.includes("WEB_AUTHN"), `${after.availableChallenges}`);
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

const pool = await createPool();
// Chromium has no sandbox for root.
const args = process.getuid() === 0 ? ["--no-sandbox"] : [];
const browser = await launch({ executablePath: process.argv[3], args });
try {
  const page = await openPage(browser);
  // Any page of the relying party will do.
  const ours = new URL(`${url}/${pool.id}/.well-known/openid-configuration`);
  ours.hostname = "localhost";
  await page.goto(ours.href);
  await sdk(page, pool);
  console.log("  Chromium makes a passkey and signs in with it; one that was used up or deleted signs nobody in");
  await amplify(page, pool);
  console.log("  Amplify registers, uses, lists and deletes a passkey in a page of another app");
} finally {
  await browser.close();
}
await idp.deleteUserPool({ UserPoolId: pool.id });
