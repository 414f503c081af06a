/**
 * The one function of all sites, on the default behaviour of their distributions (never on `/assets/*`, `/api/*`).
 * It sends whatever a viewer asks for to the current release: page routes to its index.html, files to themselves.
 * The release's id is in the KeyValueStore under the host's name. The rewritten path is the cache key, so that
 * a release needs no invalidation. Runs as cloudfront-js-2.0:
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-javascript-runtime-20.html
 */
import cf from 'cloudfront'

const releases = cf.kvs()

const unreleased = {
  statusCode: 503,
  statusDescription: 'Service Unavailable',
  headers: {
    'content-type': { value: 'text/plain; charset=utf-8' },
    'cache-control': { value: 'no-store' },
    'retry-after': { value: '30' },
  },
  body: { encoding: 'text', data: 'This site has not been released yet.\n' },
}

// biome-ignore lint/correctness/noUnusedVariables: CloudFront calls it by this name.
async function handler(event) {
  const request = event.request
  let release = 'none'
  try {
    release = await releases.get(request.headers.host.value.toLowerCase())
  } catch (error) {
    console.log(`no release of ${request.headers.host.value}: ${error}`)
  }
  if (release === 'none') return unreleased
  const file = request.uri.slice(request.uri.lastIndexOf('/') + 1)
  request.uri = `/releases/${release}${file.includes('.') ? request.uri : '/index.html'}`
  return request
}
