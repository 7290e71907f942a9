"""Translation memories: conversion, lookup, proposals."""
