import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import type { Problem } from './build-failed.ts'

/** Methods that came after ES2019, on any object: iOS has them only from 13.4 to 17 on. */
const newMethods = new Set([
  ...['at', 'matchAll', 'replaceAll', 'isWellFormed', 'toWellFormed'],
  ...['findLast', 'findLastIndex', 'toSorted', 'toReversed', 'toSpliced'],
])
/** The same, but only on one object: others have methods with these names. */
const newStatics: Readonly<Record<string, readonly string[]>> = {
  Promise: ['any', 'try', 'allSettled', 'withResolvers'],
  Object: ['hasOwn', 'groupBy'],
  Array: ['fromAsync'],
  Map: ['groupBy'],
  RegExp: ['escape'],
}
const newGlobals = new Set([
  ...['globalThis', 'BigInt', 'BigInt64Array', 'BigUint64Array', 'WeakRef', 'FinalizationRegistry', 'AggregateError'],
  ...['structuredClone', 'Iterator'],
])
/** `buffer` uses them only when it is given a BigInt, and in methods for 64-bit numbers that nothing calls here. */
const excused = { file: 'vendor/mqtt.js', name: 'BigInt' }
const { SyntaxKind } = ts
const newTokens = new Map<ts.SyntaxKind, string>([
  [SyntaxKind.QuestionDotToken, '?.'],
  [SyntaxKind.QuestionQuestionToken, '??'],
  [SyntaxKind.QuestionQuestionEqualsToken, '??='],
  [SyntaxKind.BarBarEqualsToken, '||='],
  [SyntaxKind.AmpersandAmpersandEqualsToken, '&&='],
  [SyntaxKind.PrivateIdentifier, '#private'],
  [SyntaxKind.PropertyDeclaration, 'a class field'],
  [SyntaxKind.ClassStaticBlockDeclaration, 'a static block'],
  [SyntaxKind.BigIntLiteral, 'a BigInt'],
])

/** Finds what the modules of a built package use and phones of 2019 (iOS 12.2, Chrome 73) lack: syntax after ES2018, built-ins after ES2019. */
export const checkBuiltIns = (folder: string, paths: readonly string[]): Problem[] =>
  paths.flatMap(path => problemsOf(path, readFileSync(join(folder, path), 'utf8')))

function problemsOf(file: string, text: string): Problem[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true, ts.ScriptKind.JS)
  const declared = new Set<string>()
  const found: { readonly node: ts.Node; readonly what: string }[] = []

  function visit(node: ts.Node): void {
    const token = newTokens.get(node.kind)
    if (token !== undefined) found.push({ node, what: token })
    if (ts.isCatchClause(node) && !node.variableDeclaration) found.push({ node, what: 'catch without a name' })
    if (ts.isPropertyAccessExpression(node)) {
      const { expression: object, name } = node
      const ofObject = ts.isIdentifier(object) ? newStatics[object.text] : undefined
      const isCalled = ts.isCallExpression(node.parent) && node.parent.expression === node
      if ((isCalled && newMethods.has(name.text)) || ofObject?.includes(name.text))
        found.push({ node: name, what: `${object.getText().slice(-20)}.${name.text}` })
    }
    if (ts.isIdentifier(node)) {
      if (isDeclared(node)) declared.add(node.text)
      else if (newGlobals.has(node.text) && isRead(node)) found.push({ node, what: node.text })
    }
    ts.forEachChild(node, visit)
  }
  visit(source)

  return found
    .filter(({ what }) => !(file === excused.file && what === excused.name))
    .filter(({ node }) => !(ts.isIdentifier(node) && newGlobals.has(node.text) && declared.has(node.text)))
    .map(({ node, what }) => {
      const { line, character } = source.getLineAndCharacterOfPosition(node.getStart())
      return { file, line: line + 1, column: character + 1, message: `older phones do not have ${what}` }
    })
}

const isDeclared = (node: ts.Identifier, { parent } = node): boolean =>
  (ts.isVariableDeclaration(parent) ||
    ts.isParameter(parent) ||
    ts.isFunctionDeclaration(parent) ||
    ts.isClassDeclaration(parent)) &&
  parent.name === node

/** Neither the name of a member nor an operand of `typeof`, which allows a missing name. */
const isRead = (node: ts.Identifier): boolean =>
  !ts.isTypeOfExpression(node.parent) &&
  !(ts.isPropertyAccessExpression(node.parent) && node.parent.name === node) &&
  !(ts.isPropertyAssignment(node.parent) && node.parent.name === node) &&
  !(ts.isBindingElement(node.parent) && node.parent.propertyName === node)
