import { buildForTests } from './build.ts'

export default buildForTests
