import type { Context } from '@trackable/api'

export async function ensureDemo(_ctx: Context, _url: string): Promise<void> {}
export async function seedDemo(_ctx: Context, _input: { email: string; teamName: string }): Promise<void> {}
