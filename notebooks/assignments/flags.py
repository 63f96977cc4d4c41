"""Says what in a student's program a lecturer should look at. It finds what is open to see."""

import ast

# Modules that an answer has a use for; others are told.
USUAL = {"keras", "numpy", "scipy", "math", "functools", "itertools", "collections", "typing"}
USUAL |= {"random", "time", "copy", "tensorflow", "matplotlib", "tqdm", "warnings", "operator"}
TOLD = {"exec", "eval", "compile", "__import__", "globals", "get_ipython", "setattr", "open"}
LIBRARIES = {"np", "numpy", "keras", "ops", "stylenet", "builtins", "optimization"}
GRADERS = {"solutions", "remember", "run_test", "__tools__", "__solutions__"}


def flags(notebook):
    """What stands out in the cells that a student may change, in words.

    Args:
        notebook: with cells as nbformat has them.

    Returns:
        A sorted list of texts without repetition.
    """
    told = set()
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code" and not cell["metadata"].get("nbgrader", {}).get("locked"):
            told |= set(of_a_program("".join(cell["source"])))
    return [text for text in sorted(told) if not any(one.startswith(f"{text}.") for one in told)]


def of_a_program(text):
    lines = text.splitlines()
    shell = [line.strip() for line in lines if line.strip().startswith(("!", "%"))]
    yield from (f"runs {line}" for line in shell)
    try:
        tree = ast.parse("\n".join("" if line.strip() in shell else line for line in lines))
    except (SyntaxError, ValueError):
        return
    for node in ast.walk(tree):
        yield from of_a_node(node)


def of_a_node(node):
    if isinstance(node, ast.Import):
        yield from (f"imports {one.name}" for one in node.names if unusual(one.name))
    elif isinstance(node, ast.ImportFrom) and unusual(node.module or "."):
        yield from (f"imports {node.module}.{one.name}" for one in node.names)
    elif isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load):
        if dotted(node).split(".")[0] in LIBRARIES:
            yield f"replaces {dotted(node)}"
    elif isinstance(node, ast.Attribute) and dotted(node).startswith("stylenet."):
        yield f"uses {dotted(node)}"
    elif isinstance(node, ast.Name):
        if node.id in TOLD and isinstance(node.ctx, ast.Load):
            yield f"calls {node.id}"
        elif node.id in GRADERS:
            yield f"names {node.id}, which the graders' tests use"


def unusual(module):
    return module.split(".")[0] not in USUAL


def dotted(node):
    """The text of a.b.c, or "" for an attribute of something else."""
    parts = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ""
