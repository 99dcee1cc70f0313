"""The guide: whether the neurons of small classifiers are special."""
