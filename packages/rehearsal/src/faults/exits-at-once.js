/** Laid over a service: on SIGTERM it exits at once and leaves the requests under way unanswered. */
process.prependListener('SIGTERM', () => process.exit(0))
