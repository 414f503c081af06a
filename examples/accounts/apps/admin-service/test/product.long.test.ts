/** Both services and the migrations against one real PostgreSQL server: what the first tests make, the later ones use. */
import { after } from 'node:test'
import { testLife } from './life.ts'
import { testMigrations } from './migrations.ts'
import { startProduct } from './product.ts'
import { testServices } from './services.ts'

const product = await startProduct()
after(() => product.database.stop())

testMigrations(product)
testServices(product)
testLife(product)
