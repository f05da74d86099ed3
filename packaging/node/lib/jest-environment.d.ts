declare const environment: unknown;
export = environment;
