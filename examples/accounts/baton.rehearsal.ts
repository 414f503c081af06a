/** What the clients of this platform do while a release is rehearsed. */
import type { Audience, Traffic } from '@baton/rehearsal'

interface Account {
  id: number
}

interface Page {
  accounts: Account[]
  next: number | null
}

/** Both audiences use the same page; each has accounts of its own. */
function accounts(site: string): Audience {
  return {
    site,
    pages: ['/', '/release'],
    read: '/api/accounts?limit=20',
    create: {
      path: '/api/accounts',
      body: (n, unique) => ({ loginId: `${unique}-${n}`, password: `password-${n}`, name: `Visitor ${n}` }),
      id: (answer) => String((answer as Account).id),
    },
    remove: (id) => `/api/accounts/${id}`,
    list: {
      path: (cursor) => `/api/accounts?limit=100${cursor ? `&before=${cursor}` : ''}`,
      read(answer) {
        const page = answer as Page
        const ids = page.accounts.map((account) => String(account.id))
        return page.next === null ? { ids } : { ids, cursor: String(page.next) }
      },
    },
  }
}

export default {
  rate: 340,
  audiences: [accounts('admin'), accounts('user')],
  migrations: {
    expand: { 'sql/9000_nickname.sql': 'alter table admin_account add column nickname text;\n' },
    contract: { 'sql/9000_drop_name.sql': 'alter table admin_account drop column name;\n' },
  },
} satisfies Traffic
