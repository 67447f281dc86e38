/** Makes `services/hardware-<name>` of the template; what is refused leaves nothing behind. */
export function createHardware(name: string, root: URL): Promise<{ readonly isMade: boolean; readonly text: string }>;
