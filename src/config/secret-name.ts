const SECRET_NAME = /key|token|secret|passw|auth|credential|cookie|session|private|dsn|(?:^|[-_])pat(?:$|[-_])/i;

/** Whether a variable, an option or a parameter of this name usually holds a secret. */
export const isSecretName = (name: string): boolean => SECRET_NAME.test(name);
