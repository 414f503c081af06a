/**
 * What AWS fixes per region for load balancers: the hosted zone of their names, and the account that writes access logs.
 * https://docs.aws.amazon.com/general/latest/gr/elb.html
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
 */
const regions: Readonly<Record<string, readonly [hostedZoneId: string, logAccount: string]>> = {
  'us-east-1': ['Z35SXDOTRQ7X7K', '127311923021'],
  'us-east-2': ['Z3AADJGX6KTTL2', '033677994240'],
  'us-west-1': ['Z368ELLRRE2KJ0', '027434742980'],
  'us-west-2': ['Z1H1FL5HABSF5', '797873946194'],
  'ap-northeast-1': ['Z14GRHDCWA56QT', '582318560864'],
  'ap-northeast-2': ['ZWKZPGTI48KDX', '600734575887'],
  'ap-northeast-3': ['Z5LXEXXYW11ES', '383597477331'],
  'ap-south-1': ['ZP97RAFLXTNZK', '718504428378'],
  'ap-southeast-1': ['Z1LMS91P8CMLE5', '114774131450'],
  'ap-southeast-2': ['Z1GM3OXH4ZPM65', '783225319266'],
  'ca-central-1': ['ZQSVJUPU6J1EY', '985666609251'],
  'eu-central-1': ['Z215JYRZR1TBD5', '054676820928'],
  'eu-north-1': ['Z23TAZ6LKFMNIO', '897822967062'],
  'eu-west-1': ['Z32O12XQLNTSW2', '156460612806'],
  'eu-west-2': ['ZHURV8PSTC4K8', '652711504416'],
  'eu-west-3': ['Z3Q77PNBQS71R4', '009996457667'],
  'sa-east-1': ['Z2P70J7HTTTPLU', '507241528517'],
}

function known(region: string) {
  const found = regions[region]
  if (!found)
    throw new Error(
      `load balancers of the emulator ${region} are not known here: add it to elbv2/model/regions.ts`,
    )
  return found
}

export const canonicalHostedZoneId = (region: string) => known(region)[0]
export const accessLogAccount = (region: string) => known(region)[1]
