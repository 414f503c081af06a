# The same in the style of today's public modules: a module for the network, for_each, rules as resources of their own.

terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.40"
    }
  }
}

provider "aws" {
  region = "ap-northeast-2"
}

# What the test of both engines changes: in place, and so that something is replaced.
variable "retention" {
  type    = number
  default = 7
}

variable "third_octet" {
  type    = number
  default = 10
}

locals {
  services = {
    user  = { port = 8080 }
    admin = { port = 8081 }
  }
}

module "network" {
  source = "./network"

  name = "modules"
  subnets = {
    "ap-northeast-2a" = "10.1.${var.third_octet}.0/24"
    "ap-northeast-2c" = "10.1.${var.third_octet + 1}.0/24"
  }
}

resource "aws_security_group" "service" {
  for_each = local.services

  name        = "modules-${each.key}"
  description = "Tasks of ${each.key}"
  vpc_id      = module.network.vpc_id
}

resource "aws_vpc_security_group_ingress_rule" "service" {
  for_each = local.services

  security_group_id = aws_security_group.service[each.key].id
  cidr_ipv4         = "10.1.0.0/16"
  from_port         = each.value.port
  to_port           = each.value.port
  ip_protocol       = "tcp"

  tags = {
    service = each.key
  }
}

resource "aws_vpc_security_group_egress_rule" "service" {
  for_each = local.services

  security_group_id = aws_security_group.service[each.key].id
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "-1"
}

resource "aws_cloudwatch_log_group" "service" {
  for_each = local.services

  name              = "/modules/${each.key}"
  retention_in_days = var.retention
}

data "aws_iam_policy_document" "tasks" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ecs-tasks.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "task" {
  for_each = local.services

  name               = "modules-${each.key}"
  assume_role_policy = data.aws_iam_policy_document.tasks.json
}

resource "aws_iam_policy" "read" {
  name = "modules-read"

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "*" }]
  })
}

resource "aws_iam_role_policy_attachment" "read" {
  for_each = local.services

  role       = aws_iam_role.task[each.key].name
  policy_arn = aws_iam_policy.read.arn
}

output "vpc" {
  value = module.network.vpc_id
}
