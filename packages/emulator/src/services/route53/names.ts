/**
 * DNS names as Route 53 keeps them: absolute, lower-case, with a trailing dot. In its API other characters than
 * letters, digits and a few signs are octal escapes, so a wildcard reads `\052.keencho.com.`
 * (https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DomainNameFormat.html).
 */

/** `App.Keencho.com`, `app.keencho.com.` and `\141pp.keencho.com` are one name: `app.keencho.com.`. */
export function absoluteName(name: string): string {
  const unescaped = name.replace(/\\(\d{3})/g, (_, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  )
  const lower = unescaped.toLowerCase()
  return lower.endsWith('.') ? lower : `${lower}.`
}

/** As the API's answers spell it. */
export function escapedName(name: string): string {
  return name.replace(/[^a-z0-9\-_.]/g, (sign) => `\\${sign.charCodeAt(0).toString(8).padStart(3, '0')}`)
}

/** Without the trailing dot, as Terraform's attributes and HTTP spell it. */
export function relativeName(name: string): string {
  return name.replace(/\.$/, '')
}

/** Whether `name` is `zone` or lies below it; both absolute. */
export function isWithin(name: string, zone: string): boolean {
  return name === zone || name.endsWith(`.${zone}`)
}

/** Route 53 lists record sets by their labels in reverse order: `com.keencho.app`. */
export function sortKey(name: string): string {
  return relativeName(name).split('.').reverse().join('.')
}
