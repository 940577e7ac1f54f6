# The provider compares every detail, so each of them is given as reading it answers.
resource "aws_cognito_identity_provider" "oidc" {
  user_pool_id    = aws_cognito_user_pool.rich.id
  provider_name   = "Corporate"
  provider_type   = "OIDC"
  idp_identifiers = local.changed ? ["corporate.example"] : ["corporate.example", "corp.example"]

  provider_details = {
    attributes_request_method     = local.changed ? "POST" : "GET"
    attributes_url                = "https://idp.example.com/userinfo"
    attributes_url_add_attributes = "false"
    authorize_scopes              = local.changed ? "openid email" : "openid email profile"
    authorize_url                 = "https://idp.example.com/authorize"
    client_id                     = local.changed ? "cognate-2" : "cognate"
    client_secret                 = "a secret"
    jwks_uri                      = "https://idp.example.com/keys"
    oidc_issuer                   = "https://idp.example.com"
    token_url                     = "https://idp.example.com/token"
  }

  attribute_mapping = merge(
    { email = "email", username = "sub" },
    local.changed ? { "custom:department" = "department" } : { name = "name" },
  )
}

# Only the mapping changes, so the rest is not sent and must stay.
resource "aws_cognito_identity_provider" "saml" {
  user_pool_id    = aws_cognito_user_pool.rich.id
  provider_name   = "Campus"
  provider_type   = "SAML"
  idp_identifiers = ["campus.example"]

  provider_details = {
    MetadataFile          = file("${path.module}/saml-metadata.xml")
    SSORedirectBindingURI = "https://idp.example.com/sso/redirect"
  }

  attribute_mapping = {
    email = local.changed ? "mail" : "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress"
  }

  lifecycle {
    ignore_changes = [provider_details["ActiveEncryptionCertificate"]]
  }
}

resource "aws_cognito_identity_provider" "google" {
  user_pool_id  = aws_cognito_user_pool.rich.id
  provider_name = "Google"
  provider_type = "Google"

  provider_details = {
    attributes_url                = "https://people.googleapis.com/v1/people/me?personFields="
    attributes_url_add_attributes = "true"
    authorize_scopes              = local.changed ? "email openid" : "email openid profile"
    authorize_url                 = "https://accounts.google.com/o/oauth2/v2/auth"
    client_id                     = "1234.apps.googleusercontent.com"
    client_secret                 = "a secret"
    oidc_issuer                   = "https://accounts.google.com"
    token_request_method          = "POST"
    token_url                     = "https://www.googleapis.com/oauth2/v4/token"
  }

  attribute_mapping = {
    email    = "email"
    username = "sub"
  }
}
