/** The region's own certificate authority: it stands for Amazon Trust Services and for RDS's certificate bundle. */
export interface CertificateAuthority {
  /** The authority's certificate, PEM. */
  readonly certificate: string
  /** File that holds `certificate`, for `NODE_EXTRA_CA_CERTS`, `sslrootcert` and `curl --cacert`. */
  readonly certificateFile: string
  /** Issues a certificate for the names (wildcards allowed) and IP addresses; PEM, leaf first. */
  issue(names: readonly string[]): Promise<{ key: string; cert: string }>
}
