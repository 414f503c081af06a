/**
 * AWS's regions and the letters of their zones, as far as a new account may use them.
 * https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html
 */
const abc = 'abc'

export const regions: Readonly<Record<string, string>> = {
  'us-east-1': 'abcdf',
  'us-east-2': abc,
  'us-west-1': abc,
  'us-west-2': 'abcd',
  'af-south-1': abc,
  'ap-east-1': abc,
  'ap-east-2': abc,
  'ap-northeast-1': 'acd',
  'ap-northeast-2': 'abcd',
  'ap-northeast-3': abc,
  'ap-south-1': abc,
  'ap-south-2': abc,
  'ap-southeast-1': abc,
  'ap-southeast-2': abc,
  'ap-southeast-3': abc,
  'ap-southeast-4': abc,
  'ap-southeast-5': abc,
  'ap-southeast-7': abc,
  'ca-central-1': 'abd',
  'ca-west-1': abc,
  'eu-central-1': abc,
  'eu-central-2': abc,
  'eu-north-1': abc,
  'eu-south-1': abc,
  'eu-south-2': abc,
  'eu-west-1': abc,
  'eu-west-2': abc,
  'eu-west-3': abc,
  'il-central-1': abc,
  'me-central-1': abc,
  'me-south-1': abc,
  'mx-central-1': abc,
  'sa-east-1': abc,
}
