import { z } from 'zod'
import { router } from '../kernel/trpc'
import { teamAdminProcedure, teamProcedure } from '../team/procedure'
import { TeamRef } from '../team/schema'
import { productAdminProcedure, productEditorProcedure, productProcedure } from './procedure'
import { getProduct, listKeys, listProducts } from './repository'
import {
  ApiKey,
  ApiKeyRef,
  CreateApiKey,
  CreatedApiKey,
  CreateProduct,
  Product,
  ProductRef,
  UpdateProduct,
} from './schema'
import { changeProduct, createKey, createProduct, stopKey } from './service'

export const productRouter = router({
  list: teamProcedure
    .input(TeamRef)
    .output(z.array(Product))
    .query(({ ctx }) => listProducts(ctx.db.prisma, ctx.team)),

  get: productProcedure
    .input(ProductRef)
    .output(Product)
    .query(({ ctx }) => getProduct(ctx.db.prisma, ctx.product)),

  create: teamAdminProcedure
    .input(CreateProduct)
    .output(Product)
    .mutation(({ ctx, input }) => createProduct(ctx, ctx.team, input)),

  update: productAdminProcedure
    .input(UpdateProduct)
    .output(Product)
    .mutation(({ ctx, input }) => changeProduct(ctx, ctx.product, input)),

  listKeys: productEditorProcedure
    .input(ProductRef)
    .output(z.array(ApiKey))
    .query(({ ctx }) => listKeys(ctx.db.prisma, ctx.product)),

  createKey: productAdminProcedure
    .input(CreateApiKey)
    .output(CreatedApiKey)
    .mutation(({ ctx, input }) => createKey(ctx, ctx.product, input)),

  revokeKey: productAdminProcedure
    .input(ApiKeyRef)
    .output(ApiKey)
    .mutation(({ ctx, input }) => stopKey(ctx, ctx.product, input.keyId)),
})
