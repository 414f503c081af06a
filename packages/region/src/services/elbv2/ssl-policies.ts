/**
 * The security policies of HTTPS listeners, as far as protocols go: the region's listeners take TLS 1.2 and 1.3
 * whatever the policy says, and the ciphers are Node's.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html
 */
const policy = (Name: string, ...SslProtocols: string[]) => ({
  Name,
  SslProtocols,
  Ciphers: [],
  SupportedLoadBalancerTypes: ['application', 'network'],
})

export const sslPolicies = [
  policy('ELBSecurityPolicy-2016-08', 'TLSv1', 'TLSv1.1', 'TLSv1.2'),
  policy('ELBSecurityPolicy-TLS-1-2-2017-01', 'TLSv1.2'),
  policy('ELBSecurityPolicy-FS-1-2-Res-2020-10', 'TLSv1.2'),
  policy('ELBSecurityPolicy-TLS13-1-2-2021-06', 'TLSv1.2', 'TLSv1.3'),
  policy('ELBSecurityPolicy-TLS13-1-2-Res-2021-06', 'TLSv1.2', 'TLSv1.3'),
  policy('ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09', 'TLSv1.2', 'TLSv1.3'),
  policy('ELBSecurityPolicy-TLS13-1-3-2021-06', 'TLSv1.3'),
]
