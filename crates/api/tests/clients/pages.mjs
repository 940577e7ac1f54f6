// The pages in Chromium, as an app that uses openid-client sends its users there: each page is looked at by axe-core, and
// photographed where a folder is named; run.sh calls this.
//
//   pages.mjs URL CHROMIUM [FOLDER]    URL of a server in development mode, path of the browser, where photographs go
//   COGNATE_PAGES_LANGUAGE=ar           in that language instead, which the script does not read

import { end, seen } from "./browsing.mjs";

const parts = ["signing_in", "new_accounts", "factors", "passkeys", "account", "looks", "devices"];
// One after the other: all look into one inbox.
for (const part of parts) await import(`./pages/${part}.mjs`);

await end();
console.log(`  ${seen.size} pages and states, without a complaint of axe`);
