//! Settings that are accepted and kept, and act only with a capability that is still to come, or not at all. Whatever could
//! be taken for protection that is not there fails instead, and says so here.

/// Settings that are kept for later.
#[derive(Debug, Clone, Copy)]
pub struct Later {
    /// The operations, members or records.
    pub settings: &'static str,
    /// What they wait for.
    pub capability: &'static str,
    /// What happens until then.
    pub until_then: &'static str,
}

/// Every one of them.
pub const LATER: &[Later] = &[
    Later {
        settings: "`InboundFederation` in `LambdaConfig`",
        capability: "federation",
        until_then: "nobody signs in through an identity provider",
    },
    Later {
        settings: "GetSigningCertificate",
        capability: "SAML federation",
        until_then: "its key signs no requests",
    },
    Later {
        settings: "Identity providers",
        capability: "federation",
        until_then: "nobody signs in through one, nothing is fetched from it, and GetDerivedToken refuses its tokens",
    },
    Later {
        settings: "SetLogDeliveryConfiguration",
        capability: "log delivery",
        until_then: "logs go where the operator sends them",
    },
    Later {
        settings: "`CustomDomainConfig`",
        capability: "none",
        until_then: "recorded: TLS ends in the server or in front of it, with certificates of the operator's",
    },
    Later {
        settings: "`SmsConfiguration`, `ConfigurationSet`",
        capability: "none",
        until_then: "recorded: the operator says how text messages and email leave",
    },
    Later {
        settings: "`IssuerConfiguration`",
        capability: "none",
        until_then: "recorded: the issuer is the server's public URL and the pool's id",
    },
    Later {
        settings: "`UserPoolTier`",
        capability: "none",
        until_then: "recorded: no plan withholds a feature",
    },
    Later {
        settings: "`AnalyticsConfiguration`",
        capability: "none",
        until_then: "recorded: Amazon Pinpoint has ended",
    },
];
