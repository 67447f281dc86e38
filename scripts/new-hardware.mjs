// `npm run new:hardware NAME`: a hardware service of your own from the template; see docs/hardware/plug-in.md.
import { createHardware } from './new-hardware/create-hardware.mjs';

const USAGE = 'usage: npm run new:hardware NAME   (lower-case words with hyphens, for example my-npu)';

const [name, ...rest] = process.argv.slice(2);
if (name === undefined || name === '--help' || rest.length > 0) {
  console.error(USAGE);
  process.exitCode = name === '--help' ? 0 : 2;
} else {
  const outcome = await createHardware(name, new URL('..', import.meta.url));
  console.error(outcome.text);
  process.exitCode = outcome.isMade ? 0 : 2;
}
