/**
 * The security policies of HTTPS listeners, as far as protocols go: the emulator's listeners take TLS 1.2 and 1.3
 * whatever the policy says, and the ciphers are Node's.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html
 */
const policy = (name: string, ...SslProtocols: string[]) => ({
  Name: `ELBSecurityPolicy-${name}`,
  SslProtocols,
  Ciphers: [],
  SupportedLoadBalancerTypes: ['application', 'network'],
})
const v10 = 'TLSv1'
const v11 = 'TLSv1.1'
const v12 = 'TLSv1.2'
const v13 = 'TLSv1.3'

export const sslPolicies = [
  policy('2016-08', v10, v11, v12),
  policy('TLS-1-0-2015-04', v10, v11, v12),
  policy('TLS-1-1-2017-01', v11, v12),
  policy('TLS-1-2-2017-01', v12),
  policy('TLS-1-2-Ext-2018-06', v12),
  policy('FS-2018-06', v10, v11, v12),
  policy('FS-1-1-2019-08', v11, v12),
  policy('FS-1-2-2019-08', v12),
  policy('FS-1-2-Res-2019-08', v12),
  policy('FS-1-2-Res-2020-10', v12),
  policy('TLS13-1-0-2021-06', v10, v11, v12, v13),
  policy('TLS13-1-1-2021-06', v11, v12, v13),
  policy('TLS13-1-2-2021-06', v12, v13),
  policy('TLS13-1-2-Ext1-2021-06', v12, v13),
  policy('TLS13-1-2-Ext2-2021-06', v12, v13),
  policy('TLS13-1-2-Res-2021-06', v12, v13),
  policy('TLS13-1-2-Res-PQ-2025-09', v12, v13),
  policy('TLS13-1-3-2021-06', v13),
  policy('TLS13-1-0-FIPS-2023-04', v10, v11, v12, v13),
  policy('TLS13-1-1-FIPS-2023-04', v11, v12, v13),
  policy('TLS13-1-2-FIPS-2023-04', v12, v13),
  policy('TLS13-1-2-Ext0-FIPS-2023-04', v12, v13),
  policy('TLS13-1-2-Ext1-FIPS-2023-04', v12, v13),
  policy('TLS13-1-2-Ext2-FIPS-2023-04', v12, v13),
  policy('TLS13-1-2-Res-FIPS-2023-04', v12, v13),
  policy('TLS13-1-3-FIPS-2023-04', v13),
]
