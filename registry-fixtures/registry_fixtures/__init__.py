"""Throwaway registries, synthetic images and bundles to test image relocators with."""
