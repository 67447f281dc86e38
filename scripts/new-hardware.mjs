// `npm run new:hardware NAME`: a hardware service of your own from the template; see docs/hardware/plug-in.md.
import { createHardware } from './new-hardware/create-hardware.mjs';

const USAGE = 'usage: npm run new:hardware NAME   (lower-case words with hyphens, for example my-npu)';

const [name, ...rest] = process.argv.slice(2);
if (name === '--help' || name === '-h') {
  console.log(USAGE);
} else if (name === undefined || rest.length > 0) {
  console.error(USAGE);
  process.exitCode = 2;
} else {
  try {
    const { isMade, text } = await createHardware(name, new URL('..', import.meta.url));
    if (isMade) console.log(text);
    else console.error(text);
    process.exitCode = isMade ? 0 : 2;
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
