// The TypeScript SDK of the Model Context Protocol as an agent that nobody registered, and as the service that it asks: its id is
// the URL of a document about it (OAuth Client ID Metadata Document); run.sh calls this.
//
//   agent.mjs URL CHROMIUM FOLDER    URL of a server in development mode, path of the browser, folder with cert.pem, which the
//                                    server trusts for 127.0.0.1, and its key.pem

import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";

import { UnauthorizedError } from "@modelcontextprotocol/sdk/client/auth.js";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { InvalidTokenError } from "@modelcontextprotocol/sdk/server/auth/errors.js";
import { requireBearerAuth } from "@modelcontextprotocol/sdk/server/auth/middleware/bearerAuth.js";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import { JwtVerifier } from "aws-jwt-verify";
import { SimpleJwksCache } from "aws-jwt-verify/jwk";
import express from "express";
import { launch } from "puppeteer-core";

import { client } from "./development.mjs";

const [url, chromium, folder] = [process.argv[2].replace(/\/$/, ""), process.argv[3], process.argv[4]];
const idp = client(url);
const password = "Analytical-1843";

async function listening(server) {
  await once(server.listen(0, "127.0.0.1"), "listening");
  return server.address().port;
}

// The pool.
const { UserPool } = await idp.createUserPool({
  PoolName: "agents",
});
const pool = UserPool.Id;
const issuer = `${url}/${pool}`;
await idp.adminCreateUser({ UserPoolId: pool, Username: "ada", MessageAction: "SUPPRESS" });
await idp.adminSetUserPassword({ UserPoolId: pool, Username: "ada", Password: password, Permanent: true });

// The service, which trusts whatever the pool signs for it.
const service = express();
const web = createHttpServer(service);
const home = `http://127.0.0.1:${await listening(web)}`;
const resource = `${home}/mcp`;
const jwks = await (await fetch(`${issuer}/.well-known/jwks.json`)).json();
const verifies = { issuer, audience: resource, jwksUri: `${issuer}/.well-known/jwks.json` };
const verifier = JwtVerifier.create(verifies, { jwksCache: new SimpleJwksCache() });
verifier.cacheJwks(jwks);
const described = `${home}/.well-known/oauth-protected-resource/mcp`;
service.get(new URL(described).pathname, (_, response) =>
  response.json({ resource, authorization_servers: [issuer], scopes_supported: ["openid", "profile"] }),
);
const verifyAccessToken = async (token) => {
  const claims = await verifier.verify(token).catch((error) => {
    throw new InvalidTokenError(error.message);
  });
  return { token, clientId: claims.client_id, scopes: claims.scope.split(" "), expiresAt: claims.exp, extra: claims };
};
service.use(express.json());
service.use("/mcp", requireBearerAuth({ verifier: { verifyAccessToken }, resourceMetadataUrl: described }));
service.all("/mcp", async (request, response) => {
  const server = new McpServer({ name: "service", version: "1.0.0" });
  server.registerTool("whoami", { description: "Who asks, through whom" }, ({ authInfo }) => ({
    content: [{ type: "text", text: `${authInfo.extra.username} through ${authInfo.clientId}` }],
  }));
  const transport = new StreamableHTTPServerTransport({});
  response.on("close", () => transport.close());
  await server.connect(transport);
  await transport.handleRequest(request, response, request.body);
});

// The agent: its document, and where its user's browser comes back to, on a port that nobody knows beforehand.
const callback = createHttpServer((_, response) => response.end("back"));
const redirectUrl = `http://127.0.0.1:${await listening(callback)}/callback`;
const documents = createHttpsServer({ cert: readFileSync(`${folder}/cert.pem`), key: readFileSync(`${folder}/key.pem`) });
const host = `127.0.0.1:${await listening(documents)}`;
const clientMetadataUrl = `https://${host}/agent.json`;
const Tags = { "cognate:client_metadata_documents": host };
await idp.tagResource({ ResourceArn: UserPool.Arn, Tags });
await sleep(1000);
const clientMetadata = {
  client_name: "The agent",
  redirect_uris: ["http://127.0.0.1/callback"],
  grant_types: ["authorization_code", "refresh_token"],
  response_types: ["code"],
  token_endpoint_auth_method: "none",
};
documents.on("request", (_, response) =>
  response
    .setHeader("content-type", "application/json")
    .end(JSON.stringify({ client_id: clientMetadataUrl, client_uri: "https://agent.example/", ...clientMetadata })),
);
const kept = {};
let sentTo;
const authProvider = {
  clientMetadataUrl,
  clientMetadata: { ...clientMetadata, redirect_uris: [redirectUrl] },
  redirectUrl,
  clientInformation: () => kept.client,
  saveClientInformation: (it) => void (kept.client = it),
  tokens: () => kept.tokens,
  saveTokens: (it) => void (kept.tokens = it),
  codeVerifier: () => kept.verifier,
  saveCodeVerifier: (it) => void (kept.verifier = it),
  redirectToAuthorization: (to) => void (sentTo = to),
};

const connect = async (transport) => {
  const agent = new Client({ name: "agent", version: "1.0.0" });
  await agent.connect(transport);
  return agent;
};
const first = new StreamableHTTPClientTransport(new URL(resource), { authProvider });
await assert.rejects(connect(first), UnauthorizedError);
assert.equal(kept.client.client_id, clientMetadataUrl);
assert.equal(sentTo.searchParams.get("client_id"), clientMetadataUrl);

const browser = await launch({ executablePath: chromium, args: ["--no-sandbox"] });
const page = await browser.newPage();
await page.goto(sentTo.href);
const words = await page.evaluate(() => document.body.innerText);
assert.match(words, /127\.0\.0\.1 \(The agent\)/, "the user sees who asks");
await page.type("#signInFormUsername", "ada");
await page.type("#signInFormPassword", password);
await Promise.all([page.waitForNavigation(), page.click("form .primary")]);
const back = new URL(page.url());
assert.equal(back.origin + back.pathname, redirectUrl);
await first.finishAuth(back.searchParams.get("code"));

const whoami = async () => {
  const agent = await connect(new StreamableHTTPClientTransport(new URL(resource), { authProvider }));
  const { content } = await agent.callTool({ name: "whoami" });
  await agent.close();
  return content[0].text;
};
assert.equal(await whoami(), `ada through ${clientMetadataUrl}`);
console.log("  an agent that nobody registered has its user sign in, and asks a service for them");

kept.tokens.access_token = "x.y.z";
assert.equal(await whoami(), `ada through ${clientMetadataUrl}`);
console.log("  and refreshes what it has");

await idp.untagResource({ ResourceArn: UserPool.Arn, TagKeys: Object.keys(Tags) });
await sleep(1000);
kept.tokens.access_token = "x.y.z";
await assert.rejects(whoami());
await page.goto(sentTo.href);
assert.match(await page.evaluate(() => document.body.innerText), /do not know this app/);
console.log("  until its owner has it no more");

await browser.close();
for (const server of [web, callback, documents]) {
  server.close();
  server.closeAllConnections();
}
await idp.deleteUserPool({ UserPoolId: pool });
