// A browser's bare fetch signs a user up, the AWS SDK for JavaScript signs them in, and aws-jwt-verify, AWS's own
// library for the purpose, checks both tokens against the published keys; run.sh calls this.
//
//   node jwt_verify.mjs URL    URL of a server in development mode, whose inbox holds the codes

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

import { NotAuthorizedException, UserNotConfirmedException } from "@aws-sdk/client-cognito-identity-provider";
import { JwtVerifier } from "aws-jwt-verify";
import { validateCognitoJwtFields } from "aws-jwt-verify/cognito-verifier";
import {
  CognitoJwtInvalidTokenUseError,
  JwtInvalidAudienceError,
  JwtInvalidIssuerError,
  JwtInvalidSignatureError,
  KidNotFoundInJwksError,
} from "aws-jwt-verify/error";
import { SimpleJwksCache } from "aws-jwt-verify/jwk";

import { client } from "./development.mjs";

const url = process.argv[2].replace(/\/$/, "");
const password = "Analytical-1843";

const idp = client(url);

/** Calls an operation as a page does without an SDK: unsigned, from another origin. */
async function call(operation, input) {
  const response = await fetch(url, {
    method: "POST",
    headers: {
      "Content-Type": "application/x-amz-json-1.1",
      "X-Amz-Target": `AWSCognitoIdentityProviderService.${operation}`,
      Origin: "http://app.example.com",
    },
    body: JSON.stringify(input),
  });
  const text = await response.text();
  assert.equal(response.headers.get("access-control-allow-origin"), "*", `${operation} can be read by a page`);
  assert.ok(response.headers.get("x-amzn-requestid"), `${operation} has a request id`);
  return { status: response.status, error: response.headers.get("x-amzn-errortype"), body: JSON.parse(text) };
}

/** The code in the only message that a pool sent to an address. */
async function code(pool, address) {
  for (let tries = 0; tries < 100; tries += 1) {
    const { messages } = await (await fetch(`${url}/_cognate/inbox.json`)).json();
    const found = messages.find((message) => message.user_pool === pool && message.to === address);
    if (found) return found.code;
    await sleep(100);
  }
  throw new Error(`no message for ${address}`);
}

/** A pool with a client and a signed-in user. */
async function signedIn(name) {
  const { UserPool } = await idp.createUserPool({ PoolName: name, AutoVerifiedAttributes: ["email"] });
  const pool = UserPool.Id;
  const { UserPoolClient } = await idp.createUserPoolClient({
    UserPoolId: pool,
    ClientName: "web",
    ExplicitAuthFlows: ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
  });
  const ClientId = UserPoolClient.ClientId;
  const user = { ClientId, Username: "ada" };
  const email = "ada@example.com";

  const signUp = { ...user, Password: password, UserAttributes: [{ Name: "email", Value: email }] };
  const signedUp = await call("SignUp", signUp);
  assert.equal(signedUp.status, 200, JSON.stringify(signedUp));
  assert.equal(signedUp.body.UserConfirmed, false);
  const taken = await call("SignUp", signUp);
  assert.equal(taken.status, 400);
  assert.equal(taken.body.__type, "UsernameExistsException");
  assert.equal(taken.error, "UsernameExistsException:");

  const signIn = {
    ClientId,
    AuthFlow: "USER_PASSWORD_AUTH",
    AuthParameters: { USERNAME: user.Username, PASSWORD: password },
  };
  await assert.rejects(idp.initiateAuth(signIn), UserNotConfirmedException);
  const confirmed = await call("ConfirmSignUp", { ...user, ConfirmationCode: await code(pool, email) });
  assert.equal(confirmed.status, 200, JSON.stringify(confirmed));

  const { AuthenticationResult: tokens } = await idp.initiateAuth(signIn);
  return { pool, clientId: ClientId, sub: signedUp.body.UserSub, tokens };
}

async function discover(pool) {
  const discovery = await (await fetch(`${url}/${pool}/.well-known/openid-configuration`)).json();
  assert.equal(discovery.issuer, `${url}/${pool}`);
  return { issuer: discovery.issuer, jwksUri: discovery.jwks_uri };
}

// The library itself speaks nothing but https; this is its hook for any other way to the keys.
const fetcher = {
  async fetch(uri) {
    const response = await fetch(uri);
    assert.equal(response.status, 200, uri);
    return response.arrayBuffer();
  },
};

/** A verifier of one kind of token, with the rules of the library's own verifier for Cognito. */
function verifierOf(tokenUse, { issuer, jwksUri }, clientId) {
  return JwtVerifier.create(
    {
      issuer,
      jwksUri,
      audience: tokenUse === "id" ? clientId : null,
      customJwtCheck: ({ payload }) => validateCognitoJwtFields(payload, { tokenUse, clientId }),
    },
    // One cache for each: a key that was not found makes a cache wait before it looks again.
    { jwksCache: new SimpleJwksCache({ fetcher }) },
  );
}

/** The same token with another user in it. */
function tampered(token) {
  const [header, payload, signature] = token.split(".");
  const claims = JSON.parse(Buffer.from(payload, "base64url"));
  const changed = Buffer.from(JSON.stringify({ ...claims, sub: randomUUID() })).toString("base64url");
  return [header, changed, signature].join(".");
}

async function bothTokensVerify({ pool, clientId, sub, tokens }) {
  const place = await discover(pool);
  const id = await verifierOf("id", place, clientId).verify(tokens.IdToken);
  assert.equal(id.sub, sub);
  assert.equal(id.email_verified, true);
  const access = await verifierOf("access", place, clientId).verify(tokens.AccessToken);
  assert.equal(access.username, "ada");
  assert.equal(access.origin_jti, id.origin_jti);

  const { AuthenticationResult: again } = await idp.initiateAuth({
    ClientId: clientId,
    AuthFlow: "REFRESH_TOKEN_AUTH",
    AuthParameters: { REFRESH_TOKEN: tokens.RefreshToken },
  });
  const refreshed = await verifierOf("access", place, clientId).verify(again.AccessToken);
  assert.equal(refreshed.auth_time, access.auth_time);
  assert.equal((await idp.getUser({ AccessToken: again.AccessToken })).Username, "ada");
}

async function othersFail(ours, other) {
  const [place, elsewhere] = [await discover(ours.pool), await discover(other.pool)];
  for (const [use, token, foreign] of [
    ["id", ours.tokens.IdToken, other.tokens.IdToken],
    ["access", ours.tokens.AccessToken, other.tokens.AccessToken],
  ]) {
    const verifier = verifierOf(use, place, ours.clientId);
    await assert.rejects(verifier.verify(tampered(token)), JwtInvalidSignatureError);
    await assert.rejects(verifier.verify(foreign), KidNotFoundInJwksError);
    // Even with the other pool's keys at hand, its tokens say who issued them.
    const mixed = verifierOf(use, { issuer: place.issuer, jwksUri: elsewhere.jwksUri }, other.clientId);
    await assert.rejects(mixed.verify(foreign), JwtInvalidIssuerError);
  }
  const { IdToken, AccessToken } = ours.tokens;
  await assert.rejects(verifierOf("id", place, other.clientId).verify(IdToken), JwtInvalidAudienceError);
  await assert.rejects(verifierOf("access", place, ours.clientId).verify(IdToken), CognitoJwtInvalidTokenUseError);
  await assert.rejects(idp.getUser({ AccessToken: tampered(AccessToken) }), NotAuthorizedException);
}

const ours = await signedIn("aws-jwt-verify");
console.log("  a page signs a user up with fetch, the SDK signs them in");
await bothTokensVerify(ours);
console.log("  both tokens verify, found through discovery");
const other = await signedIn("aws-jwt-verify other");
await othersFail(ours, other);
console.log("  a tampered token, another client's and another pool's fail");
for (const { pool } of [ours, other]) await idp.deleteUserPool({ UserPoolId: pool });
