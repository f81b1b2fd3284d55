"""What opens outside the book: the notebooks for Binder, Colab, download and a local JupyterLab."""
