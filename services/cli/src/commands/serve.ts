import { runService, type ServiceProcess } from '@bitwright/service-kit';
import { wrongArgument } from '../flags/flag.js';

/** Shown by help. */
export const SERVE_DESCRIPTION =
  'run one service until it is told to stop: agent, quantizer, hardware or hardware-onnxruntime';

/** Runs a service until a signal ends the process; settings are the service's own. Throws `invalid_argument`. */
export async function runServe(name: string, settings: readonly string[], process: ServiceProcess): Promise<void> {
  const { SERVICES } = await import('@bitwright/embedded');
  switch (name) {
    case 'agent':
      await runService(SERVICES.agent, process, settings);
      break;
    case 'quantizer':
      await runService(SERVICES.quantizer, process, settings);
      break;
    case 'hardware':
      await runService(SERVICES.hardware, process, settings);
      break;
    case 'hardware-onnxruntime':
      await runService(SERVICES['hardware-onnxruntime'], process, settings);
      break;
    default:
      throw wrongArgument('service', `is "${name}"; use ${Object.keys(SERVICES).join(', ')}`);
  }
  if (!settings.includes('--help')) await new Promise(() => {});
}
