"""The rules of freight audit, one module per family: values in, findings out."""
