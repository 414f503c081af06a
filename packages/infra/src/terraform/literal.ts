/**
 * Text of a user that Terraform must take as it is: `${…}` and `%{…}` would be evaluated.
 * https://developer.hashicorp.com/terraform/language/expressions/strings
 */
export const literal = (text: string): string =>
  text.replaceAll(/[$%]\{/g, (marker) => `${marker.charAt(0)}${marker}`)
