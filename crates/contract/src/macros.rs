//! What the generated modules would otherwise repeat for every enumeration, operation and secret.

/// A string enumeration: `as_str`, `ALL`, `FromStr`, `Display` and serde, all with the wire's words.
macro_rules! wire_enum {
    ($(#[$doc:meta])* pub enum $name:ident { $($variant:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $(#[doc = concat!("`", $text, "`")] $variant,)*
        }

        impl $name {
            /// Every value, in the order of the model.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The value as it is written on the wire.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }
        }

        impl std::str::FromStr for $name {
            type Err = crate::UnknownValue;

            fn from_str(text: &str) -> Result<Self, crate::UnknownValue> {
                match text {
                    $($text => Ok(Self::$variant),)*
                    _ => Err(crate::UnknownValue),
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

/// The enumeration of a service's operations.
macro_rules! operations {
    ($($name:ident $auth:ident [$($error:literal,)*];)*) => {
        /// The operations of this service.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Operation {
            $(#[doc = concat!("`", stringify!($name), "`")] $name,)*
        }

        impl Operation {
            /// Every operation, in alphabetical order.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The name on the wire.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)* }
            }

            /// The operation of this name. Case matters.
            pub fn from_name(name: &str) -> Option<Self> {
                match name {
                    $(stringify!($name) => Some(Self::$name),)*
                    _ => None,
                }
            }

            /// Whether clients sign this operation with AWS credentials.
            pub const fn signed(self) -> bool {
                match self { $(Self::$name => operations!(@ $auth),)* }
            }

            /// The errors the model lists for this operation.
            pub const fn errors(self) -> &'static [&'static str] {
                match self { $(Self::$name => &[$($error),*],)* }
            }
        }
    };
    (@ signed) => { true };
    (@ unsigned) => { false };
}

/// The type that stands for one operation.
macro_rules! call {
    ($name:ident($input:ty) -> $output:ty) => {
        #[doc = concat!("The operation `", stringify!($name), "`.")]
        #[derive(Debug, Clone, Copy)]
        pub struct $name;

        impl crate::Call for $name {
            type Input = $input;
            type Output = $output;
            const NAME: &'static str = stringify!($name);
        }
    };
}

/// A `Debug` that shows nothing.
macro_rules! redacted_debug {
    ($name:ident) => {
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("[redacted]")
            }
        }
    };
}
