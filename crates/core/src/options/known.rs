//! Which options there are.

/// An option that can be set.
#[derive(Debug)]
pub struct Known {
    /// Its name, which is its tag's without the [`PREFIX`](super::PREFIX).
    pub name: &'static str,
    /// What it can be.
    pub values: Values,
    /// Of what it is.
    pub of: Of,
    /// What it does, for people.
    pub says: &'static str,
}

/// What an option can be.
#[derive(Debug)]
pub enum Values {
    /// One of these: the first unless somebody says otherwise.
    OneOf(&'static [&'static str]),
    /// A URL that this server will call; none unless somebody says one.
    Url,
    /// `off`, which it is unless somebody says otherwise; or, between blanks, `on` for every public host, names of hosts, and `-` with
    /// the names of others that are none. A port other than the usual one is part of the name.
    Hosts,
}

/// Of what an option is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of {
    /// Of pools.
    Pools,
    /// Of pools, and of clients that say otherwise.
    Both,
    /// Of clients.
    Clients,
}

impl Known {
    /// What it is unless somebody says otherwise.
    pub(super) fn default(&self) -> &'static str {
        match self.values {
            Values::OneOf(values) => values.first().copied().unwrap_or_default(),
            Values::Url => "",
            Values::Hosts => "off",
        }
    }

    pub(super) fn is_here(&self, is_of_client: bool) -> bool {
        self.of == Of::Both || (self.of == Of::Clients) == is_of_client
    }
}

pub(super) const PROFILE: &str = "profile";
pub(crate) const PKCE: &str = "pkce";
pub(super) const NONCE: &str = "nonce";
pub(super) const INTROSPECTION: &str = "introspection";
pub(super) const ACCOUNT: &str = "account";
pub(super) const PUSHED: &str = "par";
pub(super) const DEVICES: &str = "device_grant";
pub(super) const RESOURCES: &str = "resource_metadata";
pub(super) const DOCUMENTS: &str = "client_metadata_documents";
pub(crate) const DPOP: &str = "dpop";
pub(crate) const BACK_CHANNEL: &str = "backchannel_logout_uri";

/// Every one of them.
pub const KNOWN: &[Known] = &[
    Known {
        name: PROFILE,
        values: Values::OneOf(&["cognito", "openid"]),
        of: Of::Pools,
        says: "Where Cognito and OpenID Connect contradict, whose word counts. With `openid`, userInfo gives `email_verified` and \
               `phone_number_verified` as booleans and `updated_at` as a number, tokens say the level reached (`acr`, `amr`) \
               even if the pool names none, and public clients must use PKCE unless `pkce` says otherwise.",
    },
    Known {
        name: PKCE,
        values: Values::OneOf(&["optional", "required"]),
        of: Of::Both,
        says: "Whether a request for a code must come with a `code_challenge` (RFC 7636). One that comes is always checked.",
    },
    Known {
        name: NONCE,
        values: Values::OneOf(&["optional", "required"]),
        of: Of::Both,
        says: "Whether a request for a code with `openid` must come with a `nonce`. A request for an ID token always must.",
    },
    Known {
        name: INTROSPECTION,
        values: Values::OneOf(&["off", "on"]),
        of: Of::Both,
        says: "Whether a client with a secret may ask at `/oauth2/introspect` what a token of the pool is good for (RFC 7662).",
    },
    Known {
        name: PUSHED,
        values: Values::OneOf(&["off", "on", "required"]),
        of: Of::Both,
        says: "Whether a client may, or must, push its requests for authorization to `/oauth2/par` before it sends a browser with \
               them (RFC 9126).",
    },
    Known {
        name: DEVICES,
        values: Values::OneOf(&["off", "on"]),
        of: Of::Both,
        says: "Whether a client with the code flow may ask at `/oauth2/device_authorization` for codes by which somebody signs a device \
               in that has no browser (RFC 8628), at the page `/device`. Not one that anybody may have registered.",
    },
    Known {
        name: DPOP,
        values: Values::OneOf(&["off", "on", "required"]),
        of: Of::Both,
        says: "Whether a client may, or must, have its access tokens bound to a key (RFC 9449), by a proof in the header `DPoP` of its \
               requests for tokens, at the OAuth endpoints or through the API. The refresh tokens of a client without a secret are \
               bound as well. Whoever uses a token that is bound must prove each time to have the key, at userInfo and in the API.",
    },
    Known {
        name: BACK_CHANNEL,
        values: Values::Url,
        of: Of::Clients,
        says: "Where a client is told that a browser's session is over, of which tokens of its came (OpenID Connect Back-Channel Logout \
               1.0). Its ID tokens name that session (`sid`).",
    },
    Known {
        name: RESOURCES,
        values: Values::OneOf(&["off", "on"]),
        of: Of::Pools,
        says: "Whether userInfo is described as a resource that tokens protect (RFC 9728), at \
               `/.well-known/oauth-protected-resource/…/oauth2/userInfo`, to which its refusals point.",
    },
    Known {
        name: DOCUMENTS,
        values: Values::Hosts,
        of: Of::Pools,
        says: "Whether an app may sign users in that nobody registered: its `client_id` is the URL of a document which describes it \
               (OAuth Client ID Metadata Document). Between blanks: `on` for any public host, names of hosts (`app.example.com`, or \
               `app.example.com:8443`), which may also be in the networks inside that URLs may lead to, and `-app.example.com` for \
               one that `on` does not mean. What takes a host away ends what its apps' tokens are good for.",
    },
    Known {
        name: ACCOUNT,
        values: Values::OneOf(&["scope", "on", "off"]),
        of: Of::Both,
        says: "Whether a client's users see and change their account at `/account`. With `scope`, where the client is allowed \
               `aws.cognito.signin.user.admin`, by which its tokens may do the same through the API.",
    },
];

/// The option of a name.
pub(super) fn known(name: &str) -> Option<&'static Known> {
    KNOWN.iter().find(|known| known.name == name)
}
