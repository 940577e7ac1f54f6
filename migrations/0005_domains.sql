-- The domains of user pools, and the names that identity providers go by beside their own.

-- The reference does not cascade on purpose: a pool that has a domain is not deleted, whoever is faster.
create table domains (
    user_pool_id text        not null references user_pools (id),
    kind         text        not null check (kind in ('prefix', 'custom')),
    domain       text        not null,
    settings     jsonb       not null,
    created_at   timestamptz not null,
    updated_at   timestamptz not null,
    -- One of each kind.
    primary key (user_pool_id, kind),
    -- A host name leads to one pool, whosever it is.
    constraint domains_domain_unique unique (domain)
);

-- The identifiers of identity providers, which are records: each leads to one provider of its pool.
create table identity_provider_identifiers (
    user_pool_id text not null,
    identifier   text not null,
    kind         text not null default 'identity_provider' check (kind = 'identity_provider'),
    provider     text not null,
    primary key (user_pool_id, identifier),
    foreign key (user_pool_id, kind, provider) references records (user_pool_id, kind, id) on delete cascade
);
create index identity_provider_identifiers_by_provider
    on identity_provider_identifiers (user_pool_id, kind, provider);
