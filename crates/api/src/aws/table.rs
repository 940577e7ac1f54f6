//! What a row of the operations table turns into.

use cognate_contract::{Call, decode_with, encode};
use cognate_core::App;

use super::access::{Authenticated, Caller};
use super::error::Failure;

/// Who may call an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Anybody; what they may do hangs on what the request holds: a client id, a session, a refresh token.
    Public,
    /// The user whose access token the request holds.
    TokenHolder,
    /// An account, by a signature with one of its access keys.
    Signed,
}

/// A row of the operations table.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// The operation's name.
    pub name: &'static str,
    /// Who may call it.
    pub access: Access,
    /// Whether it is built.
    pub built: bool,
}

/// Decodes a request, admits its caller, runs the handler and encodes the answer. What the request looks like is
/// checked before whose it is, except for signatures, which come first.
pub(super) async fn run<C, A>(
    app: &App,
    authenticated: &Authenticated,
    body: &[u8],
    handler: impl AsyncFnOnce(&App, A, C::Input) -> cognate_core::Result<C::Output>,
) -> Result<Vec<u8>, Failure>
where
    C: Call,
    A: Caller<C::Input>,
{
    let input = decode_with::<C::Input>(body, i64::from(app.limits.largest_page))?;
    let caller = A::admit(app, authenticated, &input).await?;
    Ok(encode(&handler(app, caller, input).await?))
}

/// The table of a service. Each row is `access operation => handler;`.
macro_rules! operations {
    ($service:ident $signing_name:literal; $($access:ident $operation:ident => $($handler:ident)::+;)*) => {
        pub use cognate_contract::$service::{Operation, TARGET_PREFIX};

        /// The service's name in the scope of a signature.
        pub const SIGNING_NAME: &str = $signing_name;

        /// Every operation of the service, in the order of the table.
        pub const TABLE: &[$crate::aws::Row] = &[$($crate::aws::Row {
            name: stringify!($operation),
            access: $crate::aws::Access::$access,
            built: operations!(@built $($handler)::+),
        }),*];

        /// Who may call an operation.
        pub(super) fn access(operation: Operation) -> $crate::aws::Access {
            match operation { $(Operation::$operation => $crate::aws::Access::$access,)* }
        }

        /// Runs an operation for a caller whose signature, where one is needed, has been checked.
        pub(super) async fn call(
            app: &cognate_core::App,
            operation: Operation,
            authenticated: &$crate::aws::access::Authenticated,
            body: &[u8],
        ) -> Result<Vec<u8>, $crate::aws::error::Failure> {
            // A table of missing operations uses none of them.
            let _ = (app, authenticated, body);
            match operation {
                $(Operation::$operation => {
                    operations!(@call $service, app, operation, authenticated, body, $access, $operation, $($handler)::+)
                })*
            }
        }
    };
    (@built missing) => { false };
    (@built $($handler:ident)::+) => { true };
    (@call $service:ident, $app:ident, $name:ident, $who:ident, $body:ident, $access:ident, $operation:ident, missing) => {
        Err($crate::aws::error::Failure::NotBuilt($name.name()))
    };
    (@call $service:ident, $app:ident, $name:ident, $who:ident, $body:ident, $access:ident, $operation:ident,
     $($handler:ident)::+) => {
        // Boxed, so that the future of all operations is not as large as the largest of them.
        Box::pin($crate::aws::table::run::<cognate_contract::$service::op::$operation, $access>(
            $app, $who, $body, $($handler)::+,
        )).await
    };
}
