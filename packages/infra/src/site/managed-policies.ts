/**
 * CloudFront's managed policies by the ids that AWS documents; they are the same in every account.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-origin-request-policies.html
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-response-headers-policies.html
 */

/** Managed-CachingOptimized: keyed by path, gzip and Brotli, TTL 1 s … 1 year, 24 h where the origin is silent. */
export const cachingOptimized = '658327ea-f89d-4fab-a63d-7e88639e58f6'
/** Managed-CachingDisabled: TTL 0. */
export const cachingDisabled = '4135ea2d-6df8-44a3-9df3-4b5a84be39ad'
/** Managed-AllViewer: every header (Host too), cookie and query string of the viewer goes to the origin. */
export const allViewer = '216adef6-5c7f-47e4-b989-5492eafa07d3'
/** Managed-SecurityHeadersPolicy: HSTS, nosniff, frame options, referrer policy. */
export const securityHeaders = '67f7725c-6f97-4210-82d7-5512b31e9d03'
