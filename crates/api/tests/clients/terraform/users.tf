# Reading a user does not tell how they were invited, nor their password: an import leaves these out.
resource "aws_cognito_user" "ada" {
  user_pool_id       = aws_cognito_user_pool.rich.id
  username           = "ada"
  message_action     = "SUPPRESS"
  temporary_password = "Analytical-1843"

  attributes = merge(
    {
      email          = local.changed ? "countess@example.com" : "ada@example.com"
      email_verified = local.changed ? "true" : "false"
      department     = local.changed ? "Engines" : "Mathematics"
      level          = "7"
    },
    local.changed ? { badge = "42" } : { name = "Ada" },
  )

  lifecycle {
    ignore_changes = [message_action, temporary_password]
  }
}

# A permanent password, and being disabled.
resource "aws_cognito_user" "grace" {
  user_pool_id = aws_cognito_user_pool.rich.id
  username     = "grace"
  enabled      = local.changed
  password     = local.changed ? "Nanosecond-1906" : "Compiler-1952"

  attributes = {
    email = "grace@example.com"
  }
}

# A temporary password that changes, which puts the user back to having to change it.
resource "aws_cognito_user" "linus" {
  user_pool_id             = aws_cognito_user_pool.minimal.id
  username                 = "linus"
  desired_delivery_mediums = ["EMAIL"]
  temporary_password       = local.changed ? "Kernel-1991x" : "Kernel-1991"
  client_metadata          = { invited = "yes" }
  validation_data          = { checked = "yes" }

  attributes = {
    email = "linus@example.com"
  }
}

resource "aws_cognito_user" "by_email" {
  user_pool_id   = aws_cognito_user_pool.username.id
  username       = "margaret@example.com"
  message_action = "SUPPRESS"

  attributes = {
    email          = "margaret@example.com"
    email_verified = "true"
  }

  lifecycle {
    ignore_changes = [message_action]
  }
}

resource "aws_cognito_user_group" "admins" {
  user_pool_id = aws_cognito_user_pool.rich.id
  name         = "admins"
  description  = local.changed ? "They may do much" : "They may do everything"
  precedence   = local.changed ? 5 : 1
  role_arn     = "${local.role}/${local.changed ? "operator" : "admin"}"
}

# What is not mentioned must stay as it is: only the description changes.
resource "aws_cognito_user_group" "staff" {
  user_pool_id = aws_cognito_user_pool.rich.id
  name         = "staff"
  description  = local.changed ? "Who works here" : "Everybody"
  precedence   = 10
  role_arn     = "${local.role}/staff"
}

resource "aws_cognito_user_group" "bare" {
  user_pool_id = aws_cognito_user_pool.username.id
  name         = "bare"
}

resource "aws_cognito_user_in_group" "ada" {
  user_pool_id = aws_cognito_user_pool.rich.id
  group_name   = aws_cognito_user_group.admins.name
  username     = aws_cognito_user.ada.username
}

# Moves from one group to another.
resource "aws_cognito_user_in_group" "grace" {
  user_pool_id = aws_cognito_user_pool.rich.id
  group_name   = local.changed ? aws_cognito_user_group.staff.name : aws_cognito_user_group.admins.name
  username     = aws_cognito_user.grace.username
}

resource "aws_cognito_user_in_group" "by_email" {
  user_pool_id = aws_cognito_user_pool.username.id
  group_name   = aws_cognito_user_group.bare.name
  username     = aws_cognito_user.by_email.username
}
