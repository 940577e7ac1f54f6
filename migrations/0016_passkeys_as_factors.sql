-- Whether a user wants a verified passkey to stand for two factors; null is what the pool says.

alter table second_factors add column passkey boolean;
