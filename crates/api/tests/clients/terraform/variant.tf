locals {
  # Whether this is the second variant; terraform.sh turns it to true. It is no variable, because those are unknown while
  # the configuration is validated, and the provider cannot validate a client with blocks that depend on one.
  changed = false
}
