-- Since when each authenticator app is its user's: an older sign-in is not completed by a newer app.

alter table second_factors add column software_token_since timestamptz;
