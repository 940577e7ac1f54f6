// An authenticator built into a browser, for the scripts whose pages use passkeys.

/** Gives a page an authenticator of the machine's own, whose user always agrees and is verified. */
export async function withAuthenticator(page) {
  const devtools = await page.createCDPSession();
  await devtools.send("WebAuthn.enable");
  const options = {
    protocol: "ctap2",
    transport: "internal",
    hasResidentKey: true,
    hasUserVerification: true,
    isUserVerified: true,
    automaticPresenceSimulation: true,
  };
  await devtools.send("WebAuthn.addVirtualAuthenticator", { options });
}
