import { relative, resolve, sep } from 'node:path';
import ts from 'typescript';
import { features } from '../../envoy/features/registry';
import { oneLine } from './markdown';

export const ROOT = resolve(__dirname, '../..');

/** A type of options that has a name. */
export type Declaration = ts.InterfaceDeclaration | ts.TypeAliasDeclaration;

/** Reads the types of the options with TypeScript's compiler. */
export class OptionTypes {
  private readonly program: ts.Program;
  private readonly checker: ts.TypeChecker;

  constructor() {
    const { config } = ts.readConfigFile(resolve(ROOT, 'tsconfig.json'), ts.sys.readFile);
    const { options } = ts.parseJsonConfigFileContent(config, ts.sys, ROOT);
    this.program = ts.createProgram([resolve(ROOT, 'lib/index.ts')], { ...options, types: [] });
    this.checker = this.program.getTypeChecker();
  }

  /** The type that users import by this name. */
  public exported(name: string): Declaration {
    const symbols = ['lib/index.ts', 'envoy/index.ts'].flatMap((file) => this.exportsOf(file));
    const found = symbols
      .filter((symbol) => symbol.name === name)
      .flatMap((symbol) => this.resolved(symbol).declarations ?? [])
      .find(isDeclaration);
    if (found === undefined) {
      throw new Error(`neither lib/index.ts nor envoy/index.ts exports the type ${name}`);
    }
    return found;
  }

  /** The types that users import from the file of a feature, from `options.ts` beside it, or from its file in `shared/`. */
  public ofFeature(name: string): Declaration[] {
    const entry = this.registryEntry(name).valueDeclaration as ts.ShorthandPropertyAssignment;
    const constant = this.resolved(this.checker.getShorthandAssignmentValueSymbol(entry) as ts.Symbol);
    const file = constant.declarations?.[0]?.getSourceFile().fileName ?? '';
    const files = [file, file.replace(/index\.ts$/, 'options.ts'), file.replace(/([^/]+)$/, 'shared/$1')];
    const found = this.exportsOf('envoy/index.ts')
      .flatMap((symbol) => this.resolved(symbol).declarations ?? [])
      .filter(isDeclaration)
      .filter((node) => files.includes(node.getSourceFile().fileName));
    if (found.length === 0) {
      throw new Error(`envoy/index.ts exports no options of the feature ${name}; export their type there`);
    }
    return found;
  }

  /** The comment on a feature's line in the registry. */
  public registryComment(name: string): string {
    return oneLine(ts.displayPartsToString(this.registryEntry(name).getDocumentationComment(this.checker)));
  }

  /** These types and all that they refer to, each once. */
  public reachableFrom(roots: readonly Declaration[]): Declaration[] {
    const found = new Set<Declaration>();
    const add = (node: Declaration) => {
      if (!found.has(node)) {
        found.add(node);
        this.typeNodesOf(node).forEach(visit);
      }
    };
    const visit = (node: ts.Node): void => {
      if (ts.isTypeReferenceNode(node)) {
        const symbol = this.checker.getSymbolAtLocation(node.typeName);
        (symbol ? (this.resolved(symbol).declarations ?? []) : []).filter(isDeclaration).forEach(add);
      }
      ts.forEachChild(node, visit);
    };
    roots.forEach(add);
    return [...found];
  }

  /** The options of an interface. Those of features are no property signatures: each feature has a page. */
  public optionsOf(node: Declaration): Option[] {
    return this.checker.getPropertiesOfType(this.checker.getTypeAtLocation(node)).flatMap((property): Option[] => {
      const declaration = property.declarations?.find(ts.isPropertySignature);
      return declaration && isOurs(declaration) ? [{ property, declaration }] : [];
    });
  }

  /** The features whose options an interface has. */
  public featuresOf(node: Declaration): string[] {
    const type = this.checker.getTypeAtLocation(node);
    return Object.keys(features).filter((name) => {
      const property = type.getProperty(name);
      return property !== undefined && !property.declarations?.some(ts.isPropertySignature);
    });
  }

  public documentationOf({ property }: Option): string {
    return ts.displayPartsToString(property.getDocumentationComment(this.checker));
  }

  /** The texts of the tags of this name. */
  public tagsOf({ property }: Option, name: string): string[] {
    const tags = property.getJsDocTags(this.checker).filter((tag) => tag.name === name);
    return tags.map((tag) => oneLine(ts.displayPartsToString(tag.text)));
  }

  /** A type as its source has it; as the compiler knows it where the source refers to a value. */
  public textOf(node: ts.TypeNode): string {
    const { NoTruncation, InTypeAlias, UseSingleQuotesForStringLiteralType } = ts.TypeFormatFlags;
    const flags = NoTruncation | InTypeAlias | UseSingleQuotesForStringLiteralType;
    return /\btypeof\b/.test(node.getText())
      ? this.checker.typeToString(this.checker.getTypeFromTypeNode(node), undefined, flags)
      : node.getText();
  }

  private typeNodesOf(node: Declaration): ts.TypeNode[] {
    if (ts.isTypeAliasDeclaration(node)) {
      return [node.type];
    }
    return this.optionsOf(node).flatMap(({ declaration }) => (isFragment(declaration) ? [] : (declaration.type ?? [])));
  }

  private registryEntry(name: string): ts.Symbol {
    const registry = this.exportsOf('envoy/features/registry.ts').find((one) => one.name === 'features') as ts.Symbol;
    return this.checker.getTypeOfSymbol(registry).getProperty(name) as ts.Symbol;
  }

  private exportsOf(file: string): ts.Symbol[] {
    const source = this.program.getSourceFile(resolve(ROOT, file)) as ts.SourceFile;
    return this.checker.getExportsOfModule(this.checker.getSymbolAtLocation(source) as ts.Symbol);
  }

  private resolved(symbol: ts.Symbol): ts.Symbol {
    return symbol.flags & ts.SymbolFlags.Alias ? this.checker.getAliasedSymbol(symbol) : symbol;
  }
}

export interface Option {
  readonly property: ts.Symbol;
  readonly declaration: ts.PropertySignature;
}

/** Slots of fragments have Envoy's own types, which are described by Envoy. */
export const isFragment = (node: ts.Node) => pathOf(node).startsWith('envoy/fragments/');

const pathOf = (node: ts.Node) => relative(ROOT, node.getSourceFile().fileName).split(sep).join('/');

function isOurs(node: ts.Node): boolean {
  return /^(lib|envoy)\//.test(pathOf(node)) && !pathOf(node).startsWith('envoy/messages/');
}

function isDeclaration(node: ts.Node): node is Declaration {
  const isType =
    ts.isInterfaceDeclaration(node) || (ts.isTypeAliasDeclaration(node) && !ts.isMappedTypeNode(node.type));
  return isType && isOurs(node) && !isFragment(node);
}
