"""The command that lists the shipped styles."""

NAME_WIDTH = 28


def styles():
    """List the shipped styles and how they were trained."""
    from stylenet.catalog import styles as shipped

    for name, record in shipped().items():
        print(f"{name:{NAME_WIDTH}}{record.get('title', '')}")
        print(f"{'':{NAME_WIDTH}}{record.get('summary', '')}")
