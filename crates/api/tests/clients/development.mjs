// The AWS SDK for JavaScript against a server in development mode.

import { CognitoIdentityProvider } from "@aws-sdk/client-cognito-identity-provider";

/** Development mode takes any credentials. A failure that goes away when tried again is a failure. */
export function client(endpoint) {
  return new CognitoIdentityProvider({
    endpoint,
    region: "us-east-1",
    credentials: { accessKeyId: "any", secretAccessKey: "thing" },
    maxAttempts: 1,
  });
}

/** Calls an operation with members that the SDK does not know yet: a development server takes any signature. */
export async function call(url, operation, input) {
  const signature = "Credential=x/20200101/us-east-1/cognito-idp/aws4_request, SignedHeaders=host, Signature=0";
  const answer = await fetch(url, {
    method: "POST",
    headers: {
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": `AWSCognitoIdentityProviderService.${operation}`,
      authorization: `AWS4-HMAC-SHA256 ${signature}`,
    },
    body: JSON.stringify(input),
  });
  if (!answer.ok) throw new Error(`${operation}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}
