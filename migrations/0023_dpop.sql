-- The SHA-256 thumbprint (RFC 7638) of the key that whoever brings a session's refresh token, or a code, must prove to have (RFC 9449).
alter table user_sessions add column dpop_jkt text;
alter table authorization_codes add column dpop_jkt text;
