# What the data sources read is what the resources wrote.
data "aws_cognito_user_pool" "rich" {
  user_pool_id = aws_cognito_user_pool.rich.id

  lifecycle {
    postcondition {
      condition     = self.name == "${var.prefix}-rich" && self.arn == aws_cognito_user_pool.rich.arn
      error_message = "The pool is called ${self.name}, ${self.arn}"
    }
    postcondition {
      condition     = contains(self.schema_attributes[*].name, "custom:department")
      error_message = "The pool has the attributes ${join(" ", self.schema_attributes[*].name)}"
    }
    postcondition {
      condition     = self.tags["Stage"] == (local.changed ? "second" : "first") && self.tags["Suite"] == "terraform"
      error_message = "The pool has the tags ${jsonencode(self.tags)}"
    }
  }
}

data "aws_cognito_user_pools" "rich" {
  name = aws_cognito_user_pool.rich.name

  lifecycle {
    postcondition {
      condition     = self.ids == tolist([aws_cognito_user_pool.rich.id])
      error_message = "The pools of that name are ${join(" ", self.ids)}"
    }
  }
}

data "aws_cognito_user_pool_client" "confidential" {
  user_pool_id = aws_cognito_user_pool.rich.id
  client_id    = aws_cognito_user_pool_client.confidential.id

  lifecycle {
    postcondition {
      condition     = nonsensitive(self.client_secret == aws_cognito_user_pool_client.confidential.client_secret)
      error_message = "The secret is another one."
    }
    postcondition {
      condition     = self.callback_urls == aws_cognito_user_pool_client.confidential.callback_urls
      error_message = "The callback URLs are ${join(" ", self.callback_urls)}"
    }
  }
}

data "aws_cognito_user_pool_clients" "rich" {
  user_pool_id = aws_cognito_user_pool.rich.id
  depends_on = [
    aws_cognito_user_pool_client.minimal,
    aws_cognito_user_pool_client.confidential,
    aws_cognito_user_pool_client.rotating,
    aws_cognito_user_pool_client.machine,
  ]

  lifecycle {
    postcondition {
      condition     = join(" ", sort(self.client_names)) == "machine minimal mobile ${local.changed ? "web-2" : "web"}"
      error_message = "The clients are ${join(" ", self.client_names)}"
    }
  }
}

data "aws_cognito_user_group" "admins" {
  user_pool_id = aws_cognito_user_pool.rich.id
  name         = aws_cognito_user_group.admins.name

  lifecycle {
    postcondition {
      condition = (
        self.precedence == aws_cognito_user_group.admins.precedence
        && self.description == aws_cognito_user_group.admins.description
        && self.role_arn == aws_cognito_user_group.admins.role_arn
      )
      error_message = "The group is ${jsonencode(self)}"
    }
  }
}

data "aws_cognito_user_groups" "rich" {
  user_pool_id = aws_cognito_user_pool.rich.id
  depends_on   = [aws_cognito_user_group.admins, aws_cognito_user_group.staff]

  lifecycle {
    postcondition {
      condition     = length(setsubtract(["admins", "staff"], self.groups[*].group_name)) == 0
      error_message = "The groups are ${join(" ", self.groups[*].group_name)}"
    }
  }
}

data "aws_cognito_user_pool_signing_certificate" "rich" {
  user_pool_id = aws_cognito_user_pool.rich.id

  lifecycle {
    postcondition {
      condition     = startswith(self.certificate, "MII")
      error_message = "The certificate is ${self.certificate}"
    }
  }
}
