/** What AWS takes as addresses and conditions. */

/** Prefixes of the largest and the smallest VPC or subnet: https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html */
export const largestPrefix = 16
export const smallestPrefix = 28

export const isNetworkSize = ({ prefix }: { prefix: number }): boolean =>
  prefix >= largestPrefix && prefix <= smallestPrefix

/**
 * Values in all conditions of a listener rule together.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
 */
export const conditionValues = 5
